import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Reported } from '../model/measurement.ts';
import { messageOf, MusterError } from '../model/errors.ts';
import type { RunPlan } from '../model/plan.ts';
import type { RunRecord } from '../model/record.ts';

/** What `muster judge` needs to decide again without touching the target. */
export interface StoredEvidence {
  readonly plan: RunPlan;
  readonly reported: readonly (readonly [string, Reported])[];
  readonly record: RunRecord;
}

const PLAN = 'evidence/plan.json';
const MEASUREMENTS = 'evidence/measurements.json';
const RECORD = 'report.json';
/** In the folder as long as a run writes to it, and after one that was killed: the folder is Muster's even without a report. */
export const RUN_MARK = '.muster-run.json';

/**
 * Makes a folder and what is missing above it, one by one: Node's recursive way never ends where a file system refuses.
 * @throws MusterError naming the part that could not be made.
 */
async function makeFolder(folder: string): Promise<void> {
  const missing: string[] = [];
  for (let at = folder; !existsSync(at) && dirname(at) !== at; at = dirname(at)) missing.unshift(at);
  try {
    for (const part of missing) await mkdir(part);
    if (!(await stat(folder)).isDirectory()) throw new Error('it is a file'); // invariant: caught below
  } catch (error) {
    throw new MusterError(`The report folder ${folder} cannot be made: ${messageOf(error)}.`, {
      code: 'MUSTER_REPORT_FOLDER',
      blame: 'config',
      hint: 'Give a folder that can be written to with --out.',
      cause: error,
    });
  }
}

/** Everything a run may have left in its folder; nothing else in it is ever touched. */
const OF_A_RUN = ['evidence', 'logs', 'judged'];

/**
 * Makes the folder unless it is there.
 * @throws MusterError for one that cannot be made, and for one that holds something, but no run: it is somebody else's.
 */
export async function claimRunFolder(outDir: string): Promise<void> {
  await makeFolder(outDir);
  const entries = await readdir(outDir);
  if (entries.length > 0 && !entries.includes(RECORD) && !entries.includes(RUN_MARK)) throw foreignFolder(outDir, entries);
}

/** Empties what an earlier run left in the folder, so that no old verdict can be mistaken for this run's. */
export async function resetRunFolder(outDir: string): Promise<void> {
  for (const entry of OF_A_RUN) await rm(join(outDir, entry), { recursive: true, force: true });
  await mkdir(join(outDir, 'evidence'), { recursive: true });
  await mkdir(join(outDir, 'logs'), { recursive: true });
}

function foreignFolder(outDir: string, entries: readonly string[]): MusterError {
  return new MusterError(
    `The report folder ${outDir} holds ${entries.slice(0, 3).join(', ')}${entries.length > 3 ? ' and more' : ''}, but no report of a run.`,
    {
      code: 'MUSTER_FOREIGN_FOLDER',
      blame: 'config',
      hint: 'Give an empty folder, a new one, or the folder of an earlier run with --out.',
    },
  );
}

/** Stores plan and measurements; each file is replaced as a whole. */
export async function storeEvidence(outDir: string, plan: RunPlan, reported: StoredEvidence['reported']): Promise<void> {
  await replace(join(outDir, PLAN), JSON.stringify(plan, null, 2));
  await replace(join(outDir, MEASUREMENTS), JSON.stringify(reported));
}

/**
 * Reads a stored run.
 * @throws MusterError when the folder holds no run or a file of it cannot be read.
 */
export async function readEvidence(outDir: string): Promise<StoredEvidence> {
  return {
    plan: await readJson<RunPlan>(outDir, PLAN),
    reported: await readJson<StoredEvidence['reported']>(outDir, MEASUREMENTS),
    record: await readJson<RunRecord>(outDir, RECORD),
  };
}

export function readRecord(outDir: string): Promise<RunRecord> {
  return readJson<RunRecord>(outDir, RECORD);
}

/** Writes the (sanitised) log of one service beside the report. */
export async function storeLog(outDir: string, service: string, lines: readonly string[]): Promise<void> {
  await replace(join(outDir, 'logs', `${service}.log`), `${lines.join('\n')}\n`);
}

async function readJson<T>(outDir: string, file: string): Promise<T> {
  const path = join(outDir, file);
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T;
  } catch (error) {
    throw new MusterError(`Cannot read ${path}: ${messageOf(error)}.`, {
      code: 'MUSTER_RUN_UNREADABLE',
      blame: 'config',
      hint: 'Give the folder of a run that Muster has written (muster-report by default), or run `muster validate` first.',
      cause: error,
    });
  }
}

async function replace(path: string, content: string): Promise<void> {
  await writeFile(`${path}.tmp`, content);
  await rename(`${path}.tmp`, path);
}
