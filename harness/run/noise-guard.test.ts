import { describe, expect, it } from 'vitest';
import type { Incapacities, RunningService } from '../model/environment.ts';
import { canTell } from './noise-guard.ts';

const told = (service: Pick<RunningService, 'running' | 'pid' | 'container'>, cannot: Incapacities = {}): boolean =>
  canTell({ services: new Map([['gateway', service as RunningService]]), cannot });

describe('canTell', () => {
  it.each([
    ['a process', { running: true, pid: 7, container: null }],
    ['a container', { running: true, pid: null, container: 'c1' }],
    ['one of ours that did not start', { running: false, pid: null, container: null }],
  ])('counts %s', (_, service) => {
    expect(told(service)).toBe(true);
  });

  it('knows nothing of what runs somewhere', () => {
    expect(told({ running: true, pid: null, container: null })).toBe(false);
  });

  it.each([true, false])('knows nothing where the provider does not see everything, running: %s', (running) => {
    expect(told({ running, pid: null, container: null }, { processes: 'They look like those of others.' })).toBe(false);
    expect(told({ running: true, pid: 7, container: null }, { processes: 'There is a worker nobody declared.' })).toBe(false);
  });
});
