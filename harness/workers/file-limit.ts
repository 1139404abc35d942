import { readFile } from 'node:fs/promises';
import type { LoadPlan, Shard } from '../load/index.ts';
import { MusterError } from '../model/errors.ts';

/** For what a process has open besides its connections. */
const SPARE = 100;

/**
 * Without a file handle left, the generator would report its own lack as refusals of the target.
 * @param limit open files of this process; null: the system does not tell.
 * @throws MusterError MUSTER_FILE_LIMIT
 */
export function requireFileHandles({ mix, agents, maxInFlight }: LoadPlan, { of }: Shard, limit: number | null): void {
  const holding = mix.filter(({ operation }) => HOLDING.has(operation)).length;
  const needed = holding * (agents / commonDivisor(agents, of)) + Math.ceil(maxInFlight / of) + SPARE;
  if (limit === null || needed <= limit) return;
  throw new MusterError(`The load needs up to ${needed} open files in one worker, and its limit is ${limit}.`, {
    code: 'MUSTER_FILE_LIMIT',
    blame: 'config',
    hint: `Raise the limit (ulimit -Hn ${needed}), ask for fewer agents, or spread the load over more workers.`,
  });
}

/** A worker of n meets every agent, unless both numbers have a divisor in common. */
function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}

/** Operations that hold a connection per agent. */
const HOLDING = new Set(['mcp', 'events', 'subscribe']);

/** null: the system does not tell (no /proc). The soft limit: Node raises it to the hard one when it starts. */
export async function openFilesLimit(): Promise<number | null> {
  const limits = await readFile('/proc/self/limits', 'utf8').catch(() => '');
  const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  return soft === undefined ? null : Number(soft);
}
