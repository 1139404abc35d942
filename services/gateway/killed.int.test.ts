import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { send, type Json } from '../testing/client.ts';
import { runGateway, type GatewayProgram } from '../testing/program.ts';
import { backingForFile, forFile } from '../testing/file-stack.ts';
import { until } from '../testing/stack.ts';
import { query } from '../testing/stores.ts';

const MANY = 50;

const backing = await backingForFile();
const killed = await programForFile();
const survivor = await programForFile();

function programForFile(): Promise<GatewayProgram> {
  return forFile(
    () => runGateway(backing),
    ({ child, exited }) => {
      child.kill('SIGKILL');
      return exited;
    },
  );
}

const rows = async (text: string) => (await query(backing.postgres.adminUrl, text)).rows;
const number = async (text: string): Promise<number> => Number((await rows(text))[0]?.['n']);

const WORKFLOW = {
  name: 'survivor',
  strategy: 'pipeline',
  tasks: ['a', 'b', 'c'].map((id, index) => ({ id, name: id, capability: 'answer', depends_on: index === 0 ? [] : ['a'], work_ms: 100 })),
};
const INFERENCE = { worker: 'ai_ml', action: 'complete' };
const sent = (index: number): readonly [string, Json][] => [
  ['POST /api/v1/workflows', WORKFLOW],
  [
    'POST /operations',
    {
      operation_type: 'custom',
      parameters: { text: `how is ${index}`, steps: [INFERENCE, INFERENCE, INFERENCE] },
    },
  ],
  ['POST /api/v1/delegations', { request: `First analyse the cost data of ${index}, then review it`, user_id: 'u', session_id: 's' }],
];

const OPEN = {
  operations: `status in ('idle', 'planning', 'executing', 'validating')`,
  workflows: `status in ('ready', 'running')`,
  delegations: `status in ('pending', 'in_progress')`,
};
const open = (table: keyof typeof OPEN): Promise<number> => number(`select count(*) as n from ${table} where ${OPEN[table]}`);
const openInAll = async (): Promise<number> => (await open('operations')) + (await open('workflows')) + (await open('delegations'));

/** The claims of the dead one run out by themselves: 5 s, 15 s and 35 s after it wrote last. @throws Error after `limitMs`. */
async function allEnded(limitMs: number): Promise<void> {
  const endsAtMs = performance.now() + limitMs;
  while ((await openInAll()) > 0) {
    if (performance.now() > endsAtMs) throw new Error(`${await openInAll()} are still open after ${limitMs} ms`);
    await delay(250);
  }
}

it('what one of two gateways left behind when it was killed ends once: one end, one result, tokens booked once', async () => {
  const orders = Array.from({ length: MANY }, (_, index) => sent(index)).flat();
  const answers = await Promise.all(orders.map(([line, body], index) => send(index % 2 === 0 ? killed : survivor, line, { body })));
  expect(answers.filter(({ status }) => status !== 202)).toEqual([]);
  // Both are in the middle of it.
  await until(async () => (await number(`select count(*) as n from operation_steps where status = 'running'`)) > 2);
  killed.child.kill('SIGKILL');
  await killed.exited;
  expect(await openInAll()).toBeGreaterThan(0);
  await allEnded(90_000);

  for (const table of ['operations', 'workflows', 'delegations']) {
    expect(await rows(`select status, count(*)::int as n from ${table} group by status`), table).toEqual([
      { status: 'completed', n: MANY },
    ]);
  }
  const ends =
    await rows(`select count(*)::int as n, count(distinct coalesce(task_id::text, data->>'operation_id', data->>'delegation_id'))::int as things
    from outbox where data->>'type' in ('completion', 'delegation_completed') or (topic = 'operation_event' and data->>'status' = 'completed')`);
  expect(ends).toEqual([{ n: 3 * MANY, things: 3 * MANY }]);
  expect(await rows(`select status, count(*)::int as n from operation_steps group by status`)).toEqual([
    { status: 'completed', n: 3 * MANY },
  ]);
  // One row of the ledger for each step; for each expert, and for what is made of the experts' answers.
  expect(
    await rows(
      `select o.id from operations o join token_ledger l on l.op_id = o.id group by o.id
       having count(*) <> 3 or o.tokens <> sum(l.prompt + l.completion)`,
    ),
  ).toEqual([]);
  expect(
    await rows(
      `select d.id from delegations d join token_ledger l on l.op_id = d.id::text group by d.id
       having count(*) <> jsonb_array_length(d.experts) + (case when (d.decision->>'should_delegate')::boolean then 1 else 0 end)`,
    ),
  ).toEqual([]);
  const seqs = await rows('select count(*)::int as n, max(seq)::int as last from outbox');
  expect(seqs[0]?.['n']).toBe(seqs[0]?.['last']);
}, 150_000);
