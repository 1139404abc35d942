import { readFile } from 'node:fs/promises';
import type { SuiteRun, Witness } from '../../harness/index.ts';

/** Most of the target's own work that looking at it may cost. */
const MOST = 0.1;
const MS_PER_NS = 1e-6;
/** USER_HZ: the same on every Linux. */
const MS_PER_TICK = 10;

/** CPU times in ms: of the process that serves our observer, of the other processes of its server, of the other services. */
export interface TargetCpu {
  readonly atMs: number;
  readonly observerMs: number;
  readonly serverMs: number;
  readonly othersMs: number;
}

/**
 * Reads them from /proc. null: the server's processes are not to be seen from here, or the observer's is not one of them.
 * @param observerPid null: it is not connected yet.
 */
export async function readTargetCpu(run: Pick<SuiteRun, 'service' | 'spec'>, observerPid: number | null): Promise<TargetCpu | null> {
  const { name, pid } = await run.service('postgres');
  const others = await Promise.all(
    run.spec.services.filter((service) => service.name !== name).map((service) => run.service(service.name)),
  );
  if (pid === null) return null;
  const children = await childrenOf(pid);
  if (children === null || (observerPid !== null && !children.includes(observerPid))) return null;
  const server = [pid, ...children].filter((one) => one !== observerPid);
  return {
    atMs: performance.now(),
    observerMs: observerPid === null ? 0 : await threadMs(observerPid),
    serverMs: await sum(server.map(threadMs)),
    othersMs: await sum(others.flatMap((other) => (other.pid === null ? [] : [processMs(other.pid)]))),
  };
}

async function childrenOf(pid: number): Promise<readonly number[] | null> {
  const text = await readOrNull(`/proc/${pid}/task/${pid}/children`);
  return text === null ? null : text.split(' ').filter(Boolean).map(Number);
}

/** Of a process with one thread, such as each of Postgres: to the nanosecond. One that has ended used nothing more. */
async function threadMs(pid: number): Promise<number> {
  return Number((await readOrNull(`/proc/${pid}/schedstat`))?.split(' ')[0] ?? 0) * MS_PER_NS;
}

async function processMs(pid: number): Promise<number> {
  const text = await readOrNull(`/proc/${pid}/stat`);
  // The name, in brackets, may hold anything; user and system time are the 12th and 13th field after it.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ') ?? [];
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * MS_PER_TICK;
}

async function sum(values: readonly Promise<number>[]): Promise<number> {
  return (await Promise.all(values)).reduce((total, value) => total + value, 0);
}

async function readOrNull(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return null; // the process has ended, or the system has no /proc
  }
}

const SOURCE = 'cost of observing';

/** What looking has cost the target between two readings; the observer was not connected at the first. */
export function observerCost(before: TargetCpu | null, after: TargetCpu | null): Witness {
  if (before === null || after === null)
    return { source: SOURCE, saw: 'not measured: the processes of the database server are not visible from here' };
  const ownMs = after.observerMs - before.observerMs;
  const serverMs = after.serverMs - before.serverMs;
  const targetMs = serverMs + after.othersMs - before.othersMs;
  const shares = `${percent(ownMs, targetMs)} of what the target used, ${percent(ownMs, serverMs)} of the database server`;
  const verdict =
    ownMs <= MOST * targetMs ? `no more than the ${MOST * 100} % that are fair` : `more than the ${MOST * 100} % that are fair`;
  return { source: SOURCE, saw: `${Math.round(ownMs)} ms of processor time: ${shares}; ${verdict}` };
}

function percent(part: number, whole: number): string {
  return `${((part / Math.max(1, whole)) * 100).toFixed(1)} %`;
}
