import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunRecord } from '../harness/model/record.ts';

const CLI = fileURLToPath(new URL('../scripts/muster.js', import.meta.url));
const MAX_ERROR_LENGTH = 500;

/** The record of a run and the wall time from the command to its exit, or why there is none. */
export type MusterRun =
  | { readonly record: RunRecord; readonly wallMs: number; readonly failure: null }
  | { readonly record: null; readonly failure: string };

/** Runs the command line as a user would and reads the report it wrote. */
export async function musterRun(args: readonly string[]): Promise<MusterRun> {
  if (!existsSync(CLI)) return { record: null, failure: 'the command line is not built' };
  const out = await mkdtemp(join(tmpdir(), 'muster-bench-'));
  try {
    const startedAtMs = performance.now();
    const child = spawn(process.execPath, [CLI, 'validate', ...args, '--out', out], { stdio: ['ignore', 'ignore', 'pipe'] });
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (errors = (errors + chunk).slice(-MAX_ERROR_LENGTH)));
    const [code] = (await once(child, 'close')) as [number | null];
    const wallMs = performance.now() - startedAtMs;
    const file = join(out, 'report.json');
    if (!existsSync(file)) return { record: null, failure: `no report.json, exit code ${code}: ${errors.trim().replaceAll(/\s+/g, ' ')}` };
    return { record: JSON.parse(await readFile(file, 'utf8')) as RunRecord, wallMs, failure: null };
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}
