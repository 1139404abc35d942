import pg from 'pg';
import { NotMeasured } from '../../../harness/index.ts';
import { OBSERVER } from '../stores.ts';
import type { Level, Probe, Row, Step, Story, Transaction } from './probe.ts';

const LIMIT_MS = 10_000;
/** The server ended the transaction to keep it apart from another: serialization failure, deadlock, a wait that its own limit cut off. */
const REFUSALS: ReadonlySet<string> = new Set(['40001', '40P01', '55P03', '57014']);

/** The server has no room, is stopped or in trouble: that says nothing of transactions. */
const AWAY = /^(?:53|57|58)/;

/** Transactions cannot be had here at all: a fact about the way to the database. */
export class NoTransaction extends Error {
  override readonly name = 'NoTransaction';
}

interface Actor {
  readonly client: pg.Client;
  readonly name: string;
  state: 'none' | 'open' | 'committed' | 'ended';
  /** A statement that waits for a lock. */
  waiting: Promise<unknown> | null;
}

/** Three sessions through one address, and a fourth that sees which of them waits for another. */
export interface Stage extends AsyncDisposable {
  play(probe: Probe, level: Level): Promise<Story>;
}

/** @param url the service's own address. @param table two int columns, `id` and `value`, which the role may read and write. */
export async function openStage(url: string, table: string): Promise<Stage> {
  const clients = Array.from({ length: 4 }, () => clientOf(url));
  const [one, two, three, observer] = clients;
  if (one === undefined || two === undefined || three === undefined || observer === undefined) throw new Error('there are four');
  const close = async (): Promise<void> => void (await Promise.allSettled(clients.map((client) => client.end())));
  try {
    await Promise.all(clients.map((client) => client.connect()));
  } catch (error) {
    await close();
    throw new NotMeasured(`four sessions of the service's role, as the probes need them, could not be opened: ${textOf(error)}`);
  }
  const actors = { 1: actorOf(one, 1), 2: actorOf(two, 2), 3: actorOf(three, 3) };
  return {
    play: (probe, level) => play({ actors, observer, table }, probe, level),
    [Symbol.asyncDispose]: close,
  };
}

function clientOf(connectionString: string): pg.Client {
  const limits = { connectionTimeoutMillis: LIMIT_MS, query_timeout: LIMIT_MS };
  const client = new pg.Client({ connectionString, application_name: OBSERVER, ...limits });
  client.on('error', () => undefined); // the statement under way rejects with the same error
  return client;
}

const actorOf = (client: pg.Client, number: Transaction): Actor => ({
  client,
  name: `${OBSERVER}-${process.pid}-${number}`,
  state: 'none',
  waiting: null,
});

interface Scene {
  readonly actors: Readonly<Record<Transaction, Actor>>;
  readonly observer: pg.Client;
  readonly table: string;
}

async function play(scene: Scene, probe: Probe, level: Level): Promise<Story> {
  const { observer, table } = scene;
  const everybody = Object.values(scene.actors);
  const reads = new Map<string, readonly Row[]>();
  await observer.query(`delete from ${table}`);
  await observer.query(`insert into ${table} (id, value) values (1, 10), (2, 20)`);
  for (const actor of everybody) Object.assign(actor, { state: 'none', waiting: null });
  try {
    for (const number of new Set(probe.steps.map(([transaction]) => transaction))) await begin(scene.actors[number], level);
    for (const step of probe.steps) await take(scene, step, reads);
  } finally {
    await Promise.all(everybody.map(leave));
  }
  const { rows } = await observer.query<Row>(`select id, value from ${table} order by id`);
  return { read: (name) => reads.get(name) ?? [], committed: (number) => scene.actors[number].state === 'committed', left: rows };
}

/** Known to the observer by a name, which neither takes a snapshot nor is changed by a pooler on the way. */
async function begin(actor: Actor, level: Level): Promise<void> {
  try {
    await actor.client.query(`begin isolation level ${level}`);
    await actor.client.query(`set local application_name = '${actor.name}'`);
  } catch (error) {
    const said = `a transaction could not be opened: ${textOf(error)}`;
    if (!(error instanceof pg.DatabaseError) || AWAY.test(codeOf(error)))
      throw new NotMeasured(`${said}: the probes need three at once and a session beside them`);
    throw new NoTransaction(said, { cause: error });
  }
  actor.state = 'open';
}

async function take(scene: Scene, [number, sql, name]: Step, reads: Map<string, readonly Row[]>): Promise<void> {
  const actor = scene.actors[number];
  await actor.waiting;
  if (actor.state !== 'open') return;
  await endedOrWaiting(
    scene.observer,
    actor,
    done(actor, sql.replaceAll('$t', scene.table), (rows) => {
      if (name !== undefined) reads.set(name, rows);
    }),
  );
  if (sql !== 'commit' && sql !== 'rollback') return;
  for (const other of Object.values(scene.actors)) if (other.waiting !== null) await endedOrWaiting(scene.observer, other, other.waiting);
}

async function done(actor: Actor, sql: string, keep: (rows: readonly Row[]) => void): Promise<void> {
  try {
    const { rows, command } = await actor.client.query<Row>(sql);
    keep(rows);
    // A transaction that failed before answers a COMMIT with ROLLBACK.
    if (sql === 'commit') actor.state = command === 'COMMIT' ? 'committed' : 'ended';
    if (sql === 'rollback') actor.state = 'ended';
  } catch (error) {
    if (!REFUSALS.has(codeOf(error))) throw error;
    actor.state = 'ended';
    await actor.client.query('rollback');
  }
}

/** The server says who waits for whom; nothing here depends on how long anything takes. */
async function endedOrWaiting(observer: pg.Client, actor: Actor, statement: Promise<unknown>): Promise<void> {
  let ended = false;
  statement.then(
    () => (ended = true),
    () => (ended = true),
  );
  actor.waiting = statement;
  for (const giveUpMs = performance.now() + LIMIT_MS; performance.now() < giveUpMs; ) {
    const waits = await isWaiting(observer, actor.name);
    if (ended) break;
    if (waits) return;
  }
  if (!ended) throw new NotMeasured('a statement of the probes neither ended nor waited for a lock: what the levels do could not be seen');
  actor.waiting = null;
  await statement;
}

async function isWaiting(observer: pg.Client, name: string): Promise<boolean> {
  const { rowCount } = await observer.query(
    'select 1 from pg_stat_activity where application_name = $1 and cardinality(pg_blocking_pids(pid)) > 0',
    [name],
  );
  return rowCount !== 0;
}

async function leave(actor: Actor): Promise<void> {
  await actor.waiting?.catch(() => undefined); // told where it was taken
  if (actor.state === 'open') await actor.client.query('rollback');
}

const codeOf = (error: unknown): string => (error instanceof pg.DatabaseError ? (error.code ?? '') : '');
const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
