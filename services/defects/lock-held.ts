import type { Seams } from '../gateway/seams.ts';
import { onTheSide } from './on-the-side.ts';

/** Times the 30 ms of one step: long enough to be waited for, short enough for the time limits of who waits. */
const STEPS = 48;

/** Looks after the newest agent, in steps, and keeps its row locked until the last of them is done. */
export const LOCK_HELD: Partial<Seams> = {
  migrator: (migrator, context) =>
    onTheSide(migrator, context, {
      everyMs: 400,
      work: async (client, isOver) => {
        await client.query('begin');
        await client.query('select id from agent_instances order by created_at desc limit 1 for update');
        for (let step = 0; step < STEPS && !isOver(); step++) await client.query('select count(*), pg_sleep(0.03) from agent_definitions');
        await client.query('commit');
      },
    }),
};
