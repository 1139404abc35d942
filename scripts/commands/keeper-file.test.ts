import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MusterError } from '../../harness/model/errors.ts';
import { processInfo } from '../../harness/supervisor.ts';
import { allKeepers, claimFolder, forget, keeperOf } from './keeper-file.ts';

const FOLDER = '/srv/backend';
const REFUSED = ['MUSTER_KEEPERS_DIR', 'MUSTER_KEEPERS_DIR', 'MUSTER_KEEPERS_DIR'];
const usual = process.env['TMPDIR'];
let tmp = '';
let keepers = '';

beforeEach(async () => {
  tmp = await mkdtemp(join(tmpdir(), 'muster-keepers-'));
  process.env['TMPDIR'] = tmp;
  keepers = join(tmp, `muster-up-${String(process.getuid?.() ?? 'user')}`);
});
afterEach(async () => {
  if (usual === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = usual;
  await rm(tmp, { recursive: true });
});

describe('the keeper of a folder', () => {
  it('is who has claimed it, until the claim is given back', async () => {
    expect([await keeperOf(FOLDER), await allKeepers()]).toEqual([null, []]);
    const claim = await claimFolder(FOLDER);
    await claim.update({ ledgerPath: '/tmp/ledger' });

    expect(await keeperOf(FOLDER)).toMatchObject({ pid: process.pid, folder: FOLDER, ledgerPath: '/tmp/ledger', stack: null });
    expect(await allKeepers()).toHaveLength(1);
    await expect(claimFolder(FOLDER)).rejects.toMatchObject({ code: 'MUSTER_ALREADY_UP', exitCode: 64 });
    await claim.release();
    expect(await keeperOf(FOLDER)).toBeNull();
  });

  it('is forgotten only by its own claim', async () => {
    const claim = await claimFolder(FOLDER);
    const first = await keeperOf(FOLDER);
    await claim.update({ ledgerPath: null });
    const [name = ''] = await readdir(keepers);
    await writeFile(join(keepers, name), JSON.stringify({ pid: 4_000_000, startTime: 'later', folder: FOLDER }));

    if (first !== null) await forget(first);
    await claim.release();
    expect(await keeperOf(FOLDER)).toMatchObject({ pid: 4_000_000 });
  });
});

describe('what another user has written', () => {
  const forged = JSON.stringify({ pid: process.pid, startTime: processInfo(process.pid)?.startTime, folder: FOLDER });

  it('is not believed: a directory to which others may write', async () => {
    await mkdir(keepers);
    await chmod(keepers, 0o777);
    await writeFile(join(keepers, 'forged.json'), forged);

    expect(await codes()).toEqual(REFUSED);
  });

  it('is not believed: a way into a directory elsewhere', async () => {
    await mkdir(join(tmp, 'elsewhere'), { mode: 0o700 });
    await writeFile(join(tmp, 'elsewhere', 'forged.json'), forged);
    await symlink(join(tmp, 'elsewhere'), keepers);

    expect(await codes()).toEqual(REFUSED);
  });

  async function codes(): Promise<readonly unknown[]> {
    const outcomes = await Promise.allSettled([allKeepers(), keeperOf(FOLDER), claimFolder(FOLDER)]);
    return outcomes.map((outcome) => (outcome.status === 'rejected' ? (outcome.reason as MusterError).code : outcome.value));
  }
});
