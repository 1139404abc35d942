import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from './run-program.ts';
import { STORES_FOLDER } from './run-processes.ts';

/** Line of `postmaster.pid` that holds key and id of the server's System V segment. */
const SEGMENT_LINE = 6;
const TABLE = '/proc/sysvipc/shm';

export interface Segment {
  readonly key: string;
  readonly id: string;
}

/** The segment a `postmaster.pid` names; null when it names none. */
export function segmentIn(postmasterPid: string): Segment | null {
  const [key, id] = (postmasterPid.split('\n')[SEGMENT_LINE] ?? '').trim().split(/\s+/u);
  return key === undefined || id === undefined || key === '' ? null : { key, id };
}

/** Whether the kernel's table lists the segment under the same key with nobody attached: it is that server's, and nobody's any more. */
export function isAbandoned({ key, id }: Segment, table: string): boolean {
  return table.split('\n').some((line) => {
    const columns = line.trim().split(/\s+/u);
    return columns[0] === key && columns[1] === id && columns[6] === '0';
  });
}

/**
 * Removes the shared memory that killed Postgres servers of a run left in the kernel: a server that ends in order does
 * so itself. Call it when the processes are gone and the directories are still there. Returns what was removed.
 */
export async function removeSegments(runDir: string): Promise<readonly string[]> {
  const removed: string[] = [];
  for (const segment of segmentsOf(runDir)) {
    if (!existsSync(TABLE) || !isAbandoned(segment, readFileSync(TABLE, 'utf8'))) continue;
    const { code } = await runProgram('ipcrm', ['-m', segment.id], { cwd: '/', env: { PATH: '/usr/bin:/bin:/usr/sbin:/sbin' } });
    if (code === 0) removed.push(`shared memory segment ${segment.id}`);
  }
  return removed;
}

function segmentsOf(runDir: string): readonly Segment[] {
  const stores = join(runDir, STORES_FOLDER);
  if (!existsSync(stores)) return [];
  return readdirSync(stores).flatMap((name) => {
    const file = join(stores, name, 'data', 'postmaster.pid');
    return existsSync(file) ? (segmentIn(readFileSync(file, 'utf8')) ?? []) : [];
  });
}
