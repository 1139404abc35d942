import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunRecord } from '../harness/model/record.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

export interface MusterRun {
  readonly exitCode: number | null;
  readonly stderr: string;
  readonly stdout: string;
  /** null when no report.json was written. */
  readonly record: RunRecord | null;
  /** Every file of the report folder, by its path in it. */
  readonly written: ReadonlyMap<string, string>;
}

/** Sends `signal` once the text has appeared on stdout. */
export interface Interrupt {
  readonly signal: NodeJS.Signals;
  readonly whenStdoutHas: string;
}

/** What the tests are about does not change with the containers that a machine may have. */
export const ON_THIS_MACHINE: Readonly<Record<string, string>> = { MUSTER_PROVIDER: 'local' };

/**
 * Runs the compiled command line as a user would, in the repository, with a report folder of its own. Everything is started on this
 * machine unless `env` or a flag says otherwise.
 */
export async function runMuster(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  interrupt?: Interrupt,
): Promise<MusterRun> {
  const out = await mkdtemp(join(tmpdir(), 'muster-gate-'));
  try {
    const child = spawn(process.execPath, [join(ROOT, 'dist/scripts/muster.js'), ...args, '--out', out, '--no-color'], {
      cwd: ROOT,
      env: { ...process.env, ...ON_THIS_MACHINE, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const text = { stdout: '', stderr: '' };
    let interrupted = false;
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text.stdout += chunk;
      if (interrupt === undefined || interrupted || !text.stdout.includes(interrupt.whenStdoutHas)) return;
      interrupted = true;
      child.kill(interrupt.signal);
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text.stderr += chunk));
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    return { exitCode, ...text, record: await readRecord(out), written: await readAll(out) };
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

async function readRecord(out: string): Promise<RunRecord | null> {
  try {
    return JSON.parse(await readFile(join(out, 'report.json'), 'utf8')) as RunRecord;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

async function readAll(out: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(out, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return new Map(await Promise.all(paths.map(async (path) => [relative(out, path), await readFile(path, 'utf8')] as const)));
}

/** Criterion ids in one state. */
export function idsIn(record: RunRecord | null, state: string): readonly string[] {
  return (record?.criteria ?? []).filter((criterion) => criterion.state === state).map((criterion) => criterion.id);
}
