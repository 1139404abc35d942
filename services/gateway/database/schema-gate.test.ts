import { expect, it } from 'vitest';
import type { Migrator } from './migrator.ts';
import { createSchemaGate } from './schema-gate.ts';

it('runs no round before the schema is there, and all that come after', async () => {
  const outcomes = [Promise.reject(new Error('no database')), Promise.resolve()];
  const migrator: Migrator = {
    head: '001_x',
    migrate: () => outcomes.shift() ?? Promise.resolve(),
    down: async () => false,
    atHead: async () => true,
  };
  const gate = createSchemaGate();
  const watched = gate.openedBy(migrator);
  const rounds = { run: 0 };
  const errors: unknown[] = [];
  const repeater = gate.repeat(
    async () => {
      rounds.run++;
      throw new Error('seen');
    },
    1,
    (error) => errors.push(error),
  );
  await expect(watched.migrate()).rejects.toThrow('no database');
  repeater.wake();
  await new Promise(setImmediate);
  expect(rounds.run).toBe(0);
  await watched.migrate();
  await expect.poll(() => rounds.run).toBeGreaterThan(1);
  await repeater.stop();
  expect(errors).toHaveLength(rounds.run);
});
