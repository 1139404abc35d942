import { Client } from 'pg';
import { afterAll, describe, expect, it } from 'vitest';
import { scratchStore } from '../environment/testing/scratch-stores.ts';
import { monotonicMs } from '../model/clock.ts';
import { checkHistory } from './check.ts';
import type { ListAction, ListPart, OperationOutcome } from './history.ts';
import { HistoryRecorder } from './recorder.ts';

const store = await scratchStore('postgres');
const sessions = await Promise.all(Array.from({ length: 4 }, () => connected()));
const [first, second] = [sessions[0], sessions[1]];
if (first === undefined || second === undefined) throw new Error('there are four');

afterAll(async () => {
  await Promise.all(sessions.map((session) => session.end()));
  await store[Symbol.asyncDispose]();
});

async function connected(): Promise<Client> {
  const client = new Client({ connectionString: store.url });
  await client.connect();
  return client;
}

type Level = 'read committed' | 'repeatable read' | 'serializable';

/** One transaction: what it reads, then what it appends to, as an application does it: from what it has read, or blindly in SQL. */
interface Plan {
  readonly session: number;
  readonly level: Level;
  readonly table: string;
  readonly read: string;
  readonly append: string;
  readonly value: number;
  /** Both have read before either writes. */
  readonly met: Promise<unknown>;
  readonly arrived: () => void;
}

const REFUSED = new Set(['40001', '40P01']);

async function transact(plan: Plan): Promise<{ readonly outcome: OperationOutcome; readonly action: ListAction }> {
  const client = sessions[plan.session];
  if (client === undefined) throw new Error('no such session');
  const parts: ListPart[] = [];
  try {
    await client.query(`begin isolation level ${plan.level}`);
    const values = await itemsOf(client, plan.table, plan.read);
    parts.push({ kind: 'read', key: plan.read, values });
    plan.arrived();
    await plan.met;
    parts.push({ kind: 'append', key: plan.append, value: plan.value });
    if (plan.read === plan.append)
      await client.query(`update ${plan.table} set items = $2 where key = $1`, [plan.append, [...values, plan.value]]);
    else await client.query(`update ${plan.table} set items = items || $2::int where key = $1`, [plan.append, plan.value]);
    await client.query('commit');
    return { outcome: 'ok', action: { parts } };
  } catch (error) {
    if (!REFUSED.has((error as { readonly code?: string }).code ?? '')) throw error;
    await client.query('rollback');
    return { outcome: 'fail', action: { parts } };
  }
}

async function itemsOf(client: Client, table: string, key: string): Promise<readonly number[]> {
  const { rows } = await client.query<{ items: readonly number[] }>(`select items from ${table} where key = $1`, [key]);
  return rows[0]?.items ?? [];
}

const ROUNDS = 12;

/** Pairs of transactions that have both read before either writes: on one list, and crosswise on two. */
async function historyAt(level: Level): Promise<ReturnType<typeof checkHistory>> {
  const table = `lists_${level.replace(' ', '_')}`;
  const keys = ['a', 'b', 'c'];
  await first?.query(`create table ${table} (key text primary key, items int[] not null)`);
  for (const key of keys) await first?.query(`insert into ${table} values ($1, '{}')`, [key]);
  const recorder = new HistoryRecorder<ListAction>(monotonicMs);
  let value = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [one, other] of [['a', 'a'] as const, ['b', 'c'] as const]) {
      await pair({ recorder, level, table, one, other, value });
      value += 2;
    }
  }
  await recorder.record(0, async () => {
    const reads: ListPart[] = [];
    for (const key of keys) reads.push({ kind: 'read', key, values: await itemsOf(second as Client, table, key) });
    return { outcome: 'ok', action: { parts: reads } };
  });
  return checkHistory({ model: 'list', operations: recorder.operations });
}

interface Pair extends Pick<Plan, 'level' | 'table' | 'value'> {
  readonly recorder: HistoryRecorder<ListAction>;
  readonly one: string;
  readonly other: string;
}

async function pair({ recorder, one, other, value, ...rest }: Pair): Promise<void> {
  const arrived: (() => void)[] = [];
  const met = Promise.all([0, 1].map(() => new Promise<void>((resolve) => arrived.push(resolve))));
  const plans = [
    { ...rest, session: 0, read: one, append: other, value, met, arrived: arrived[0] ?? (() => {}) },
    { ...rest, session: 1, read: other, append: one, value: value + 1, met, arrived: arrived[1] ?? (() => {}) },
  ];
  await Promise.all(plans.map((plan) => recorder.record(plan.session, () => transact(plan))));
}

describe('against a real Postgres', () => {
  it('READ COMMITTED loses updates', async () => {
    const { anomalies, overlapping } = await historyAt('read committed');
    expect(overlapping).toBeGreaterThanOrEqual(ROUNDS);
    expect(anomalies.find(({ name }) => name === 'lost update')?.count).toBeGreaterThanOrEqual(ROUNDS);
  });

  it('REPEATABLE READ has write skew and nothing else', async () => {
    const { anomalies } = await historyAt('repeatable read');
    expect(anomalies.map(({ name }) => name)).toEqual(['write skew']);
    expect(anomalies[0]?.count).toBeGreaterThanOrEqual(ROUNDS);
  });

  it('SERIALIZABLE is clean', async () => {
    const { anomalies, acknowledged } = await historyAt('serializable');
    expect(anomalies).toEqual([]);
    expect(acknowledged).toBeGreaterThan(2 * ROUNDS);
  });
});
