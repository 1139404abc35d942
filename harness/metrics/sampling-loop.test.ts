import { describe, expect, it } from 'vitest';
import { startSampling } from './sampling-loop.ts';
import { sampleSeries } from './series.ts';

/** Resolves when `take` has been called `count` times. */
function counter(count: number) {
  let calls = 0;
  let reached = () => {};
  const all = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const take = async () => {
    calls += 1;
    if (calls === count) reached();
    return calls;
  };
  return { take, all };
}

describe('startSampling', () => {
  it('samples at once and again and again until it is stopped', async () => {
    const { take, all } = counter(3);
    const sampler = startSampling({ intervalMs: 1, take });
    await all;
    const samples = await sampler.stop();
    expect(samples.slice(0, 3)).toEqual([1, 2, 3]);
    expect(await sampler.stop()).toBe(samples);
  });

  it('stops without waiting for the interval, and closes once', async () => {
    const { take, all } = counter(1);
    let closed = 0;
    const close = async () => {
      closed += 1;
    };
    const sampler = startSampling({ intervalMs: 3_600_000, take, close });
    await all;
    await sampler.stop();
    await sampler[Symbol.asyncDispose]();
    expect(closed).toBe(1);
  });

  it('never has two samples under way', async () => {
    let running = 0;
    let peak = 0;
    const { take, all } = counter(3);
    const slow = async () => {
      running += 1;
      peak = Math.max(peak, running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running -= 1;
      return take();
    };
    const sampler = startSampling({ intervalMs: 1, take: slow });
    await all;
    await sampler.stop();
    expect(peak).toBe(1);
  });

  it('reports its own defect when it is stopped, and closes', async () => {
    const take = (): number => {
      throw new TypeError('no such field');
    };
    let closed = 0;
    const close = async () => {
      closed += 1;
    };
    const sampler = startSampling({ intervalMs: 1, take, close });
    await expect(sampler.stop()).rejects.toThrow('no such field');
    await expect(sampler.stop()).rejects.toThrow('no such field');
    expect(closed).toBe(1);
  });
});

describe('sampleSeries', () => {
  it('puts samples on the clock of the run and leaves gaps out', () => {
    const samples = [
      { atMs: 100, cores: null },
      { atMs: 350, cores: 0.5 },
    ];
    const options = {
      id: 'gateway.cpu',
      suite: 'benchmark',
      label: 'CPU',
      unit: 'cores',
      runStartedAtMs: 50,
      value: (sample: (typeof samples)[number]) => sample.cores,
    };
    expect(sampleSeries(samples, options)).toEqual({
      id: 'gateway.cpu',
      suite: 'benchmark',
      label: 'CPU',
      unit: 'cores',
      points: [[300, 0.5]],
    });
  });
});
