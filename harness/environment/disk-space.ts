import { statfs } from 'node:fs/promises';
import { MusterError } from '../model/errors.ts';
import type { TargetService } from '../model/target.ts';
import type { ProviderName } from './provider.ts';

const MIB = 1024 * 1024;
/** A new data directory of Postgres has 40 MiB and soon a second segment of its log. */
const POSTGRES_MIB = 64;
/** Log, append-only file, whatever a service writes at its start. */
const OTHER_MIB = 4;

/** Free space in the run's folder without which nothing can be started, in bytes. Stores write there only as processes of this machine. */
export function spaceNeeded(provider: ProviderName, services: readonly Pick<TargetService, 'kind'>[]): number {
  const needs = services.map(({ kind }) => (provider === 'local' && kind === 'postgres' ? POSTGRES_MIB : OTHER_MIB));
  return provider === 'external' ? 0 : needs.reduce((sum, need) => sum + need, 0) * MIB;
}

/**
 * A disk that is full stops a start halfway, and each program says so in other words, if at all: it is found before.
 * @throws MusterError MUSTER_DISK_FULL (environment).
 */
export async function requireSpace(folder: string, neededBytes: number, freeBytes = freeBytesAt): Promise<void> {
  const free = await freeBytes(folder);
  if (free >= neededBytes) return;
  throw new MusterError(`The disk of ${folder} has ${inMib(free)} free; the start of the services needs ${inMib(neededBytes)}.`, {
    code: 'MUSTER_DISK_FULL',
    blame: 'environment',
    hint: 'Free space there, or set TMPDIR to a directory on another disk.',
  });
}

async function freeBytesAt(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

function inMib(bytes: number): string {
  return `${String(Math.floor(bytes / MIB))} MiB`;
}
