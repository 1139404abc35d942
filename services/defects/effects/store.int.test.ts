import { Client } from 'pg';
import { send } from '../../testing/client.ts';
import { type Gateway } from '../../testing/stack.ts';
import { STORE_DEFECTS } from '../tables/store.ts';
import { describeEffects } from '../../testing/effects.ts';

const execute = (gateway: Gateway, body: Readonly<Record<string, unknown>>) => send(gateway, 'POST /api/v1/patterns/execute', { body });

describeEffects(STORE_DEFECTS, {
  idle_in_transaction: async (gateway, { postgres }) => {
    const admin = new Client({ connectionString: postgres.adminUrl });
    await admin.connect();
    const work = Promise.all([1, 2].map((topic) => execute(gateway, { query: `explain ${topic}`, use_cache: false })));
    const state = { done: false };
    const finished = work.then(() => {
      state.done = true;
    });
    let longestMs = 0;
    while (!state.done) {
      const { rows } = await admin.query<{ ms: number | null }>(
        `select max(extract(epoch from clock_timestamp() - state_change) * 1000)::float8 as ms from pg_stat_activity where state like 'idle in transaction%'`,
      );
      longestMs = Math.max(longestMs, rows[0]?.ms ?? 0);
    }
    await finished;
    await admin.end();
    return longestMs < 250 ? [] : [`a connection was idle in a transaction for more than 250 ms`];
  },
});
