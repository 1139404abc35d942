import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { claimRunFolder, readEvidence, resetRunFolder, storeLog } from './run-folder.ts';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-folder-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

describe('run folder', () => {
  it('keeps nothing of an earlier run that could be taken for this one', async () => {
    await resetRunFolder(folder);
    await storeLog(folder, 'gateway', ['old']);
    await writeFile(join(folder, 'report.json'), '{}');
    await resetRunFolder(folder);
    expect(await readdir(join(folder, 'logs'))).toEqual([]);
  });

  it('leaves files that are not of a run alone', async () => {
    await writeFile(join(folder, 'report.json'), '{}');
    await writeFile(join(folder, 'notes.txt'), 'mine');
    await resetRunFolder(folder);
    expect(await readdir(folder)).toContain('notes.txt');
  });

  it('does not touch a folder that is not of a run', async () => {
    await writeFile(join(folder, 'index.html'), 'mine');
    await expect(claimRunFolder(folder)).rejects.toMatchObject({ code: 'MUSTER_FOREIGN_FOLDER', blame: 'config' });
    expect(await readdir(folder)).toEqual(['index.html']);
  });

  it('makes what is missing above it, and says when that cannot be', async () => {
    await claimRunFolder(join(folder, 'a', 'b'));
    expect(await readdir(join(folder, 'a', 'b'))).toEqual([]);
    await writeFile(join(folder, 'file'), '');
    await expect(claimRunFolder(join(folder, 'file'))).rejects.toMatchObject({ code: 'MUSTER_REPORT_FOLDER', blame: 'config' });
    await expect(claimRunFolder(join(folder, 'file', 'x'))).rejects.toMatchObject({ code: 'MUSTER_REPORT_FOLDER' });
  });

  it('takes over what a run left that was killed before its first report', async () => {
    await writeFile(join(folder, '.muster-run.json'), '');
    await resetRunFolder(folder);
    await claimRunFolder(folder);
    expect(await readdir(folder)).toEqual(['.muster-run.json', 'evidence', 'logs']);
  });

  it('says which folder holds no run, and what to do', async () => {
    await expect(readEvidence(folder)).rejects.toMatchObject({
      code: 'MUSTER_RUN_UNREADABLE',
      message: expect.stringContaining(join(folder, 'evidence/plan.json')) as string,
    });
  });
});
