import { describe, expect, it } from 'vitest';
import type { ResourceReading } from '../../harness/index.ts';
import { sampleBetween } from './resource-sampler.ts';

const reading = (atMs: number, cpuMs: number, memoryBytes = 100): ResourceReading => ({
  atMs,
  cpuMs,
  memoryBytes,
  memoryLimitBytes: null,
  processes: 1,
});

describe('sampleBetween', () => {
  it('adds up the cores and the memory of all containers', () => {
    const sample = sampleBetween([reading(1_000, 0), reading(1_000, 500)], [reading(1_250, 125, 30), reading(1_260, 630, 12)]);
    expect(sample).toEqual({ atMs: 1_260, cores: 1, memoryBytes: 42, fds: null });
  });

  it('knows no cores in the first sample', () => {
    expect(sampleBetween([], [reading(10, 400)])).toEqual({ atMs: 10, cores: null, memoryBytes: 100, fds: null });
  });

  it('is a gap when a container was started anew, and says the memory all the same', () => {
    expect(sampleBetween([reading(1_000, 900)], [reading(1_250, 20)])).toEqual({ atMs: 1_250, cores: null, memoryBytes: 100, fds: null });
  });

  it('is a gap when one of the containers could not be read: half a sum would look like a fall', () => {
    expect(sampleBetween([reading(0, 0), reading(0, 0)], [reading(250, 100), null])).toEqual({
      atMs: 250,
      cores: null,
      memoryBytes: null,
      fds: null,
    });
  });

  it('does not divide by a clock that stands still', () => {
    expect(sampleBetween([reading(250, 0)], [reading(250, 10)]).cores).toBeNull();
  });
});
