import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ON_THIS_MACHINE, runMuster } from './run-muster.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PLAIN = ['--target', 'gate/targets/plain.yaml'];
const STORES = ['--target', 'gate/targets/stores.yaml'];
const QUICK = ['--profile', 'quick', '--suite', 'preflight'];

interface Disk extends Disposable {
  readonly place: string;
}

/** A disk of its own in memory, as long as it is not disposed of; null where this user may not mount one. */
function disk(options: string): Disk | null {
  const place = mkdtempSync(join(tmpdir(), 'fd-'));
  const remove = (): void => rmSync(place, { recursive: true, force: true });
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', `mode=1777,${options}`, 'tmpfs', place]).status !== 0) {
    remove();
    return null;
  }
  return {
    place,
    [Symbol.dispose]() {
      spawnSync('umount', [place]);
      remove();
    },
  };
}

function smallDisk(options: string): Disk {
  const made = disk(options);
  if (made === null) throw new Error('the test runs only where a disk can be mounted');
  return made;
}

/** One without a free byte; folders that a run makes first are there, since they would have found it full, too. */
function fullDisk(): Disk {
  const made = smallDisk('size=64k');
  mkdirSync(join(made.place, 'muster-ledgers'), { mode: 0o1777 });
  try {
    writeFileSync(join(made.place, 'filling'), Buffer.alloc(128 * 1024));
  } catch {
    return made; // the disk is full: what was wanted
  }
  made[Symbol.dispose]();
  throw new Error('a disk of 64 KiB took 128');
}

/** Files on the disk that are Muster's. */
function left(place: string): readonly string[] {
  return readdirSync(place, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'filling')
    .map(({ name }) => name);
}

async function muster(args: readonly string[], env: Readonly<Record<string, string>>): Promise<{ exitCode: number; stderr: string }> {
  try {
    const { stderr } = await promisify(execFile)(process.execPath, [join(ROOT, 'dist/scripts/muster.js'), ...args, '--no-color'], {
      cwd: ROOT,
      env: { ...process.env, ...ON_THIS_MACHINE, ...env },
    });
    return { exitCode: 0, stderr };
  } catch (error) {
    const { code, stderr } = error as { readonly code: number; readonly stderr: string };
    return { exitCode: code, stderr };
  }
}

const canMount = process.platform === 'linux' && mounts();

function mounts(): boolean {
  using made = disk('size=64k');
  return made !== null;
}

describe.runIf(canMount)('a disk that is full is the fault of the machine, and named', () => {
  it.concurrent('when not even the ledger can be written', async () => {
    using tmp = fullDisk();
    const run = await runMuster(['validate', ...PLAIN, ...QUICK], { TMPDIR: tmp.place });

    expect(run.stderr).toMatch(
      /muster: The ledger \S+\/muster-ledgers\/\S+\.ndjson could not be written: the disk is full \(ENOSPC\)\.\n {2}Free space there, or choose another disk: .*\n {2}\[MUSTER_DISK_FULL\]/u,
    );
    expect(run.exitCode).toBe(69);
    expect(run.record).toMatchObject({ verdict: 'NOT_ASSESSED', exitCode: 69, run: { complete: false } });
    expect(left(tmp.place)).toEqual([]);
  });

  it.concurrent('before stores are started that have no room', async () => {
    using tmp = smallDisk('size=8m');
    const run = await runMuster(['validate', ...STORES, ...QUICK], { TMPDIR: tmp.place });

    expect(run.stderr).toMatch(
      /muster: The disk of \S+\/muster-\S+ has 7 MiB free; the start of the services needs \d\d MiB\.\n {2}Free space there, or set TMPDIR to a directory on another disk\.\n {2}\[MUSTER_DISK_FULL\]/u,
    );
    expect(run.exitCode).toBe(69);
    expect(run.record).toMatchObject({ verdict: 'NOT_ASSESSED', exitCode: 69 });
    expect(left(tmp.place)).toEqual([]);
  });

  it.concurrent('by up, which holds nothing then', async () => {
    using tmp = fullDisk();
    const up = await muster(['up', ...PLAIN], { TMPDIR: tmp.place });

    expect(up.stderr).toMatch(/could not be written: the disk is full \(ENOSPC\)\.[^]*\[MUSTER_DISK_FULL\]/u);
    expect(up.exitCode).toBe(69);
    expect(left(tmp.place)).toEqual([]);
  });

  it.concurrent('when it is the one of the reports', async () => {
    using full = fullDisk();
    const out = join(full.place, 'out');
    const run = await muster(['validate', ...PLAIN, ...QUICK, '--out', out], {});

    expect(run.stderr).toMatch(/muster: The report folder \S+\/out could not be written: the disk is full \(ENOSPC\)\./u);
    expect(run.exitCode).toBe(69);
  });

  it.concurrent('and doctor tells of it instead of failing', async () => {
    using tmp = fullDisk();
    const doctor = await muster(['doctor', ...PLAIN], { TMPDIR: tmp.place });

    expect(doctor).toMatchObject({ exitCode: 69, stderr: '' });
  });

  it.concurrent('as is one that is read-only', async () => {
    using tmp = smallDisk('size=64k,ro');
    const run = await runMuster(['validate', ...PLAIN, ...QUICK], { TMPDIR: tmp.place });

    expect(run.stderr).toMatch(
      /muster: The directory of ledgers \S+\/muster-ledgers could not be written: the file system is read-only \(EROFS\)\./u,
    );
    expect(run.exitCode).toBe(69);
  });
});
