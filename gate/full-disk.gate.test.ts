import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { ON_THIS_MACHINE, runMuster } from './run-muster.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PLAIN = ['--target', 'gate/targets/plain.yaml'];
const STORES = ['--target', 'gate/targets/stores.yaml'];
const QUICK = ['--profile', 'quick', '--suite', 'preflight'];

const places: string[] = [];
afterEach(() => {
  for (const place of places.splice(0)) {
    spawnSync('umount', [place]);
    rmSync(place, { recursive: true, force: true });
  }
});

/** A disk of its own in memory; null where this user may not mount one. */
function disk(options: string): string | null {
  const place = mkdtempSync(join(tmpdir(), 'fd-'));
  places.push(place);
  return spawnSync('mount', ['-t', 'tmpfs', '-o', `mode=1777,${options}`, 'tmpfs', place]).status === 0 ? place : null;
}

function smallDisk(options: string): string {
  const place = disk(options);
  if (place === null) throw new Error('the test runs only where a disk can be mounted');
  return place;
}

/** One without a free byte; folders that a run makes first are there, since they would have found it full, too. */
function fullDisk(): string {
  const place = smallDisk('size=64k');
  mkdirSync(join(place, 'muster-ledgers'), { mode: 0o1777 });
  try {
    writeFileSync(join(place, 'filling'), Buffer.alloc(128 * 1024));
  } catch {
    return place; // the disk is full: what was wanted
  }
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

const canMount = process.platform === 'linux' && disk('size=64k') !== null;

describe.runIf(canMount)('a disk that is full is the fault of the machine, and named', () => {
  it('when not even the ledger can be written', async () => {
    const tmp = fullDisk();
    const run = await runMuster(['validate', ...PLAIN, ...QUICK], { TMPDIR: tmp });

    expect(run.stderr).toMatch(
      /muster: The ledger \S+\/muster-ledgers\/\S+\.ndjson could not be written: the disk is full \(ENOSPC\)\.\n {2}Free space there, or choose another disk: .*\n {2}\[MUSTER_DISK_FULL\]/u,
    );
    expect(run.exitCode).toBe(69);
    expect(run.record).toMatchObject({ verdict: 'NOT_ASSESSED', exitCode: 69, run: { complete: false } });
    expect(left(tmp)).toEqual([]);
  });

  it('before stores are started that have no room', async () => {
    const tmp = smallDisk('size=8m');
    const run = await runMuster(['validate', ...STORES, ...QUICK], { TMPDIR: tmp });

    expect(run.stderr).toMatch(
      /muster: The disk of \S+\/muster-\S+ has 7 MiB free; the start of the services needs \d\d MiB\.\n {2}Free space there, or set TMPDIR to a directory on another disk\.\n {2}\[MUSTER_DISK_FULL\]/u,
    );
    expect(run.exitCode).toBe(69);
    expect(run.record).toMatchObject({ verdict: 'NOT_ASSESSED', exitCode: 69 });
    expect(left(tmp)).toEqual([]);
  });

  it('by up, which holds nothing then', async () => {
    const tmp = fullDisk();
    const up = await muster(['up', ...PLAIN], { TMPDIR: tmp });

    expect(up.stderr).toMatch(/could not be written: the disk is full \(ENOSPC\)\.[^]*\[MUSTER_DISK_FULL\]/u);
    expect(up.exitCode).toBe(69);
    expect(left(tmp)).toEqual([]);
  });

  it('when it is the one of the reports', async () => {
    const out = join(fullDisk(), 'out');
    const run = await muster(['validate', ...PLAIN, ...QUICK, '--out', out], {});

    expect(run.stderr).toMatch(/muster: The report folder \S+\/out could not be written: the disk is full \(ENOSPC\)\./u);
    expect(run.exitCode).toBe(69);
  });

  it('and doctor tells of it instead of failing', async () => {
    const doctor = await muster(['doctor', ...PLAIN], { TMPDIR: fullDisk() });

    expect(doctor).toMatchObject({ exitCode: 69, stderr: '' });
  });

  it('as is one that is read-only', async () => {
    const run = await runMuster(['validate', ...PLAIN, ...QUICK], { TMPDIR: smallDisk('size=64k,ro') });

    expect(run.stderr).toMatch(
      /muster: The directory of ledgers \S+\/muster-ledgers could not be written: the file system is read-only \(EROFS\)\./u,
    );
    expect(run.exitCode).toBe(69);
  });
});
