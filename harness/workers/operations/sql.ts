import { Socket } from 'node:net';
import { DatabaseError, Pool } from 'pg';
import type { MixEntry, Operation } from '../../load/index.ts';
import { MusterError } from '../../model/errors.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { JsonTemplate } from '../../model/target.ts';
import { fillJson } from '../../model/template.ts';
import { identityOf } from './identity.ts';
import type { OperationContext } from './operation-context.ts';
import { optionsOf } from './options.ts';
import { storeUrl } from './stores/store-url.ts';

const CONNECTIONS = 10;
const MOST_CONNECTIONS = 50;
/** Connections get so long to say goodbye. */
const CLOSE_GRACE_MS = 500;

/**
 * One SQL statement, past the target. Options: `statement`, `values` (list; `${agent}` and `${value}`, a number of its own per arrival,
 * are filled in), `connections` (10, at most 50; further arrivals wait for one), `service`, `name` (for the report), and those of
 * `identityOf`.
 * @throws MusterError MUSTER_LOAD_OPTIONS without a statement.
 */
export function sqlOperation(entry: MixEntry, context: OperationContext): Operation {
  const options = optionsOf(entry);
  const { nameOf, constants } = identityOf(entry);
  const values = options.list('values') ?? [];
  const text = statementOf(options.text('statement'));
  const pool = boundedPool(storeUrl(entry, 'postgres', context), options.count('connections') ?? CONNECTIONS, context.timeoutMs);
  const filled = (agent: number, index: number): readonly JsonTemplate[] =>
    values.map((value) => fillJson(value, { ...constants, agent: nameOf(agent), value: String(index), op: `${nameOf(agent)}-${index}` }));
  return {
    name: options.text('name') ?? 'sql',
    open: (_agents, signal) => pool.warm(signal),
    start(call) {
      const { agent, index } = call.arrival;
      pool.query(text, filled(agent, index)).then(
        () => call.end('ok'),
        (error: unknown) => call.end(outcomeOf(error)),
      );
    },
    [Symbol.asyncDispose]: () => pool.close(),
  };
}

/**
 * The server refused or rolled it back: it did not happen. Classes 53 and 57P03 are refusals for want of room; what a lost connection or
 * an administrator cut off (08, 57P01, 57P02) may have happened.
 */
function outcomeOf(error: unknown): Outcome {
  if (!(error instanceof DatabaseError) || error.code === undefined) return 'unknown';
  if (error.code.startsWith('53') || error.code === '57P03') return 'shed';
  return error.code.startsWith('08') || error.code === '57P01' || error.code === '57P02' ? 'unknown' : 'rejected';
}

interface BoundedPool {
  /** Makes the first connection; what it meets is what the calls end with. */
  warm(signal: AbortSignal): Promise<void>;
  query(text: string, values: readonly JsonTemplate[]): Promise<unknown>;
  close(): Promise<void>;
}

function boundedPool(url: string, connections: number, timeoutMs: number): BoundedPool {
  const sockets = new Set<Socket>();
  const pool = new Pool({
    connectionString: url,
    max: Math.min(MOST_CONNECTIONS, Math.max(1, connections)),
    connectionTimeoutMillis: timeoutMs,
    statement_timeout: timeoutMs,
    query_timeout: 2 * timeoutMs,
    stream: () => kept(sockets),
  });
  // A connection that breaks while idle is made anew for the next query.
  pool.on('error', () => undefined);
  return {
    async warm(signal) {
      const cut = (): void => cutOff(sockets);
      signal.addEventListener('abort', cut, { once: true });
      await pool.query('select 1').catch(() => undefined);
      signal.removeEventListener('abort', cut);
    },
    query: (text, values) => pool.query(text, [...values]),
    async close() {
      const timer = setTimeout(() => cutOff(sockets), CLOSE_GRACE_MS);
      await pool.end();
      clearTimeout(timer);
    },
  };
}

/** The driver has no way to close a connection that hangs. */
function kept(sockets: Set<Socket>): Socket {
  const socket = new Socket();
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
  return socket;
}

function cutOff(sockets: ReadonlySet<Socket>): void {
  for (const socket of sockets) socket.destroy();
}

function statementOf(statement: string | undefined): string {
  if (statement !== undefined) return statement;
  throw new MusterError('The load operation "sql" has no `statement`.', {
    code: 'MUSTER_LOAD_OPTIONS',
    blame: 'harness',
    hint: 'Write it in the options of the mix.',
  });
}
