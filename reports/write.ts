import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, MusterError } from '../harness/model/errors.ts';
import type { RunRecord } from '../harness/model/record.ts';
import { RENDERERS, type Renderer } from './renderers.ts';
import { runRecordSchema, type WritableRecord } from './report-schema.ts';
import { byteLength } from './text.ts';

export interface WrittenReport {
  /** Absolute or relative as `dir` was given. */
  readonly file: string;
  /** 0 when it could not be written. */
  readonly bytes: number;
  /** Why the file is not there; null when it is. */
  readonly error: string | null;
}

/**
 * Writes every report into `dir` (created if need be), each by writing a temporary file and renaming it. A renderer that
 * fails costs only its own file. `report.json` comes last and is read back.
 * @throws MusterError MUSTER_REPORT_INVALID when `report.json` cannot be written or does not say what the record says.
 */
export async function writeReports(
  dir: string,
  record: RunRecord,
  renderers: Readonly<Record<string, Renderer>> = RENDERERS,
): Promise<readonly WrittenReport[]> {
  await mkdir(dir, { recursive: true });
  const reports = Object.values(renderers).filter(({ fileName }) => fileName !== RENDERERS.json.fileName);
  const written: WrittenReport[] = [];
  for (const { fileName, render } of reports) written.push(await writeOne(join(dir, fileName), () => render(record)));
  const json = await writeOne(join(dir, RENDERERS.json.fileName), () => (renderers['json'] ?? RENDERERS.json).render(record));
  if (json.error !== null) throw invalid(json.file, json.error);
  await verifyRecordFile(json.file, record);
  return [...written, json];
}

async function writeOne(file: string, render: () => string): Promise<WrittenReport> {
  try {
    const content = render();
    await replaceFile(file, content);
    return { file, bytes: byteLength(content), error: null };
  } catch (error) {
    return { file, bytes: 0, error: messageOf(error) };
  }
}

/** Readers see the old file or the whole new one, also after a power cut. */
async function replaceFile(file: string, content: string): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    const handle = await open(temporary, 'w');
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** The exit code rests on this file, so it is judged by what is on the disk. */
async function verifyRecordFile(file: string, record: RunRecord): Promise<void> {
  let stored: unknown;
  try {
    stored = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw invalid(file, messageOf(error), error);
  }
  const seen = summaryOf(checked(file, stored));
  const expected = summaryOf(checked(file, record));
  if (seen !== expected) throw invalid(file, `it says "${seen}", expected "${expected}"`);
}

/** Checks the record in memory as well: JSON writes a number that is not finite as null, which nobody would notice. */
function checked(file: string, value: unknown): WritableRecord {
  const parsed = runRecordSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  throw invalid(file, `${issues[0]?.path.join('.') ?? ''}: ${issues[0]?.message ?? 'not a run record'} (${issues.length} problems in all)`);
}

function summaryOf({ run, verdict, exitCode, criteria }: WritableRecord): string {
  return `run ${run.id}, ${verdict}, exit code ${exitCode}, ${criteria.length} criteria`;
}

function invalid(file: string, why: string, cause?: unknown): MusterError {
  return new MusterError(`${file} is not a valid record of this run: ${why}`, {
    code: 'MUSTER_REPORT_INVALID',
    blame: 'harness',
    hint: 'Check that the folder is writable and the disk not full, then run again; without this file there is no verdict.',
    cause,
  });
}
