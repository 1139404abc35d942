import type { Seams } from '../gateway/seams.ts';
import { onTheSide } from './on-the-side.ts';

/** Reads on and on in one transaction, so that what it sees does not change. */
export const LONG_TRANSACTION: Partial<Seams> = {
  migrator: (migrator, context) =>
    onTheSide(migrator, context, {
      everyMs: 100,
      work: async (client, isOver) => {
        await client.query('begin isolation level repeatable read read only');
        while (!isOver()) await client.query('select count(*), pg_sleep(0.03) from agent_definitions');
      },
    }),
};
