import { randomUUID } from 'node:crypto';
import { append, createAgent, send } from '../../testing/client.ts';
import { alone, describeEffects, shows } from '../../testing/effects.ts';
import { startTestGateway, type Backing, type Gateway } from '../../testing/stack.ts';
import { startStatementLog } from '../../testing/statement-log.ts';
import { query } from '../../testing/stores.ts';
import { QUERIES_DEFECTS } from '../tables/queries.ts';

const LONG = `select from pg_stat_activity where application_name = 'gateway' and state <> 'idle'
  and clock_timestamp() - xact_start > interval '600 ms'`;
const TEMP_FILES = `select temp_files as n from pg_stat_database where datname = current_database()`;

/** How often a statement with `text` in it reaches the database while the gateway is asked for something. */
async function askedFor(
  text: string,
  ask: (gateway: Gateway) => Promise<unknown>,
  [backing, planted]: readonly [Backing, readonly string[]],
) {
  const log = await startStatementLog(backing.postgres.url);
  const gateway = await startTestGateway(backing, planted, { DATABASE_URL: log.url });
  const before = log.count(text);
  await ask(gateway);
  const count = log.count(text) - before;
  await gateway.stop();
  await log.stop();
  return count;
}

const list = (what: string) => (gateway: Gateway) => send(gateway, `GET /api/v1/${what}`, { headers: { 'x-workspace-id': randomUUID() } });

describeEffects(QUERIES_DEFECTS, {
  long_transaction: async (_, { postgres }, planted) => {
    const isLong = await shows(async () => (await query(postgres.adminUrl, LONG)).rows.length > 0, planted);
    return isLong ? ['a transaction is open for more than half a second, and nobody asked for anything'] : [];
  },
  lock_held: async (gateway, { postgres }, planted) => {
    const agent = await createAgent(gateway);
    const isHeld = async (): Promise<boolean> => {
      const free = await query(postgres.adminUrl, 'select from agent_instances where id = $1 for update skip locked', [agent.id]);
      return free.rows.length === 0;
    };
    return (await shows(isHeld, planted)) ? ['the row of the newest agent is locked, and nobody asked for anything'] : [];
  },
  asked_bit_by_bit: alone(async (...where) => {
    const count = await askedFor('where slug = $1', list('agents'), where);
    return count < 10 ? [] : [`a list without any agent asks ${count} times for a setting`];
  }),
  list_by_text: alone(async (...where) => {
    const count = await askedFor('workspace_id::text', list('tasks'), where);
    return count === 0 ? [] : ['the list of tasks compares what no index holds'];
  }),
  slow_statement: alone(async (...where) => {
    const execute = (gateway: Gateway) =>
      send(gateway, 'POST /api/v1/patterns/execute', { body: { query: 'explain this', use_cache: false } });
    return (await askedFor('pg_sleep', execute, where)) === 0 ? [] : ['an execution asks the database for something that takes long'];
  }),
  sort_spills: async (gateway, { postgres }, planted) => {
    const files = async () => Number((await query(postgres.adminUrl, TEMP_FILES)).rows[0]?.['n']);
    const before = await files();
    // A connection writes its counters out when it is closed, as the job's is each time.
    await send(gateway, 'GET /health');
    const hasSpilled = await shows(async () => (await files()) > before, planted);
    return hasSpilled ? ['the database writes temporary files, and nobody asked for anything'] : [];
  },
  serialization_surfaced: async (gateway) => {
    const agent = await createAgent(gateway);
    const answers = await Promise.all(Array.from({ length: 40 }, (_, index) => append(gateway, agent, String(index))));
    return answers.filter(({ status }) => status >= 500).map(({ status }) => `an append beside others is answered ${status}`);
  },
});
