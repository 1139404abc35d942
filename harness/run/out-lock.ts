import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { processInfo } from '../environment/index.ts';
import { RUN_MARK } from '../evidence/run-folder.ts';
import { MusterError } from '../model/errors.ts';
import { refusedWrite } from '../model/machine-errors.ts';

/**
 * Takes the report folder for this run; resolves with how to give it back. Two runs in one folder would each point to
 * the other's verdict. What a dead run left is taken over.
 * @throws MusterError (config) when a living run has it.
 */
export async function lockFolder(outDir: string): Promise<() => Promise<void>> {
  const file = join(outDir, RUN_MARK);
  const mine = JSON.stringify({ pid: process.pid, startTime: processInfo(process.pid)?.startTime ?? '' });
  for (;;) {
    try {
      await writeFile(file, mine, { flag: 'wx' });
      return () => rm(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw refusedWrite(error, `The report folder ${outDir}`) ?? error;
    }
    const holder = await holderOf(file);
    if (holder !== null) throw folderTaken(outDir, holder);
    await rm(file, { force: true });
  }
}

/** The living process that has the folder; null when it is gone. */
async function holderOf(file: string): Promise<number | null> {
  const { pid, startTime } = parse(await readFile(file, 'utf8').catch(() => ''));
  return pid !== null && processInfo(pid)?.startTime === startTime ? pid : null;
}

function parse(text: string): { readonly pid: number | null; readonly startTime: string } {
  const match = /^\{"pid":(\d+),"startTime":"([^"]*)"\}$/u.exec(text);
  return match === null ? { pid: null, startTime: '' } : { pid: Number(match[1]), startTime: match[2] ?? '' };
}

function folderTaken(outDir: string, pid: number): MusterError {
  return new MusterError(`Another run (pid ${pid}) is writing its reports to ${outDir}.`, {
    code: 'MUSTER_FOLDER_TAKEN',
    blame: 'config',
    hint: 'Wait for it, or give another folder with --out.',
  });
}
