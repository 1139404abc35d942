import { expect, it } from 'vitest';
import type { Environment } from '../model/environment.ts';
import { Collector } from './collector.ts';
import { FootprintBook } from './footprint-book.ts';
import { Journal } from './journal.ts';
import { supervisorApi } from './supervisor-api.ts';
import { criterionFixture, measurementFixture, planFixture } from './testing.ts';

it('believes no measurement before it is certain that what carries the services is there', async () => {
  const plan = planFixture([criterionFixture('preflight.a.b')]);
  const collector = new Collector({ plan, onStart: () => {}, onEnd: () => {}, onProblem: () => {} });
  const environment = {
    stillCarried: async () => {
      collector.lost('the engine is gone', 5_000);
      return false;
    },
  };
  const api = supervisorApi({
    plan,
    knownIds: [],
    environment: () => environment as unknown as Environment,
    faults: () => null,
    loads: () => null,
    collector,
    journal: new Journal(0, () => {}),
    footprint: new FootprintBook(plan.runId),
    reviewed: async (measurement) => measurement,
  });

  await api.measured(measurementFixture('preflight.a.b', false));

  expect(collector.isViolated('preflight.a.b')).toBe(false);
  expect([...collector.reported().values()].some((reported) => 'measurement' in reported)).toBe(false);
});
