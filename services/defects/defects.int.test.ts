import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { append, createAgent, openSocket, send, transcript } from '../testing/client.ts';
import { startBacking, startTestGateway, until, type Backing, type Gateway } from '../testing/stack.ts';
import { query } from '../testing/stores.ts';
import { DEFECTS } from './index.ts';

/** What is wrong as seen from outside, one sentence each; nothing when all is well. */
type Probe = (gateway: Gateway, backing: Backing) => Promise<readonly string[]>;

let backing: Backing;
beforeAll(async () => {
  backing = await startBacking();
});
afterAll(() => backing.dispose());

const execute = (gateway: Gateway, body: Readonly<Record<string, unknown>>) => send(gateway, 'POST /api/v1/patterns/execute', { body });

const PROBES: Readonly<Record<string, Probe>> = {
  migration_skipped: async (gateway, { postgres }) => {
    const claimed = (await send(gateway, 'GET /version')).body['schema_head'];
    const { rows } = await query(postgres.adminUrl, 'select version from schema_migrations order by version desc limit 1');
    return rows[0]?.['version'] === claimed ? [] : [`the database is at ${String(rows[0]?.['version'])}, not at ${String(claimed)}`];
  },
  illegal_transition_allowed: async (gateway) => {
    const { id, headers } = await createAgent(gateway);
    await send(gateway, `POST /api/v1/agents/${id}/shutdown`, { headers });
    const { status } = await send(gateway, `PATCH /api/v1/agents/${id}`, { headers, body: { status: 'busy' } });
    return status === 409 ? [] : [`offline to busy was answered ${status}`];
  },
  lost_update: async (gateway) => {
    const agent = await createAgent(gateway);
    const values = Array.from({ length: 40 }, (_, index) => `v${index}`);
    const answers = await Promise.all(values.map((value) => append(gateway, agent, value)));
    const acknowledged = values.filter((_, index) => answers[index]?.status === 201);
    const stored = new Set(await transcript(gateway, agent));
    return acknowledged.filter((value) => !stored.has(value)).map((value) => `${value} was acknowledged and is gone`);
  },
  ws_crosstalk: async (gateway) => {
    const sockets = await Promise.all(
      ['a', 'b', 'c'].map(async (name) => ({ name, ...(await openSocket(gateway, `/ws/mcp?agent_id=${name}`)) })),
    );
    for (const { name, send: say } of sockets) {
      say({ jsonrpc: '2.0', id: 7, method: 'execute_pattern', params: { query: `canary ${name}`, use_cache: false } });
    }
    const answers = () =>
      sockets.flatMap(({ name, frames }) => frames.filter((frame) => frame['id'] === 7).map((frame) => ({ name, frame })));
    await until(async () => answers().length === 3);
    for (const { socket } of sockets) socket.close();
    return answers()
      .filter(({ name, frame }) => !JSON.stringify(frame).includes(`"canary ${name}"`))
      .map(({ name }) => `${name} got another's answer`);
  },
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
  ack_on_error: async (gateway, { postgres }) => {
    const agent = await createAgent(gateway);
    await postgres.stop();
    const { status } = await append(gateway, agent, 'while away');
    await postgres.start();
    await until(async () => (await send(gateway, 'GET /health/ready')).status === 200);
    const stored = await transcript(gateway, agent);
    return status === 201 && !stored.includes('while away') ? ['an append was acknowledged and is gone'] : [];
  },
  tail_delay: async (gateway) => {
    let slow = 0;
    await execute(gateway, { query: 'status of the tail' });
    for (let index = 0; index < 40; index++) {
      const startedAtMs = performance.now();
      await execute(gateway, { query: 'status of the tail' });
      if (performance.now() - startedAtMs > 400) slow++;
    }
    return slow === 0 ? [] : [`${slow} of 40 took more than 400 ms`];
  },
  tokens_off_by: async (gateway, { meterUrl }) => {
    const { body } = await execute(gateway, { query: `explain ${randomUUID()}`, use_cache: false });
    const counted = (await send({ url: meterUrl }, `GET /v1/usage?op=${String(body['execution_id'])}`)).body['total_tokens'];
    return body['tokens_used'] === counted ? [] : [`reported ${String(body['tokens_used'])}, counted ${String(counted)}`];
  },
};

/** Each probe gets a database without any table. */
async function emptyDatabase({ postgres }: Backing): Promise<void> {
  await query(postgres.adminUrl, 'drop schema public cascade');
  await query(postgres.adminUrl, 'create schema public authorization service');
}

describe('a planted defect', () => {
  it('has a probe', () => {
    expect(Object.keys(PROBES).toSorted()).toEqual(Object.keys(DEFECTS).toSorted());
  });

  for (const [name, probe] of Object.entries(PROBES)) {
    it(`${name} shows from outside, and the probe finds nothing without it`, async () => {
      const findings = async (defects: readonly string[]): Promise<readonly string[]> => {
        await emptyDatabase(backing);
        const gateway = await startTestGateway(backing, defects);
        try {
          return await probe(gateway, backing);
        } finally {
          await gateway.stop();
        }
      };
      expect(await findings([])).toEqual([]);
      expect(await findings([name])).not.toEqual([]);
    });
  }

  it('lost_update keeps every message of a writer who is alone', async () => {
    await emptyDatabase(backing);
    const gateway = await startTestGateway(backing, ['lost_update']);
    const agent = await createAgent(gateway);
    for (const value of ['a', 'b', 'c']) await append(gateway, agent, value);
    expect(await transcript(gateway, agent)).toEqual(['a', 'b', 'c']);
    await gateway.stop();
  });
});
