import { describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';
import { awaitedHealthy, guiltyOf, patienceMs } from './guilty.ts';
import type { ServiceState } from './project-events.ts';

const on = (service: string, condition: string) => ({ [service]: { condition: `service_${condition}`, required: true } });

const config = readConfig(
  JSON.stringify({
    services: {
      db: { image: 'x' },
      migrate: { image: 'x', depends_on: on('db', 'healthy') },
      api: { image: 'x', depends_on: on('migrate', 'completed_successfully') },
      web: { image: 'x', depends_on: on('api', 'started') },
      alone: { image: 'x' },
    },
  }),
);

const created: ServiceState = { container: 'c', started: false, running: false, exitCode: null, health: null };
const runs = { ...created, started: true, running: true };
const ended = (exitCode: number): ServiceState => ({ ...created, started: true, exitCode });

describe('guiltyOf', () => {
  it.each([
    [{ db: runs }, { service: 'db', what: 'has a healthcheck that is not green yet' }],
    [{ db: { ...runs, health: 'unhealthy' } }, { service: 'db', what: 'has a healthcheck that fails' }],
    [{ db: ended(1) }, { service: 'db', what: 'exited with code 1' }],
    [{ db: { ...runs, health: 'healthy' } }, { service: 'migrate', what: 'was not started' }],
    [{ migrate: ended(3) }, { service: 'migrate', what: 'exited with code 3' }],
    [{ migrate: runs }, { service: 'migrate', what: 'has not ended yet' }],
    [{ migrate: ended(0) }, { service: 'api', what: 'was not started' }],
    [
      { migrate: ended(0), api: ended(2) },
      { service: 'api', what: 'exited with code 2' },
    ],
    [{ migrate: ended(0), api: runs }, null],
  ])('of %j', (states, guilty) => {
    const all = new Map<string, ServiceState>(Object.entries({ db: created, migrate: created, api: created, web: created, ...states }));
    expect(guiltyOf('web', config, all)).toEqual(guilty);
  });

  it('is nobody for a service that depends on nothing', () => {
    expect(guiltyOf('alone', config, new Map())).toBeNull();
  });
});

it('knows whose healthcheck is waited for, and how long compose may take', () => {
  expect([...awaitedHealthy(config)]).toEqual(['db']);
  expect(patienceMs('alone', config, () => 5_000)).toBe(20_000);
  expect(patienceMs('web', config, () => 5_000)).toBe(35_000);
});
