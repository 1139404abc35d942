import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { monotonicMs } from '../model/clock.ts';
import { deviceOf, DiskProbe } from './disk-probe.ts';

/** Here temporary files are on a disk whose writes are counted; in a container, or with them in memory, they are not. */
const isOnDisk = (await opened(tmpdir())) !== null;

let [directory, other] = ['', ''];

beforeAll(async () => {
  [directory, other] = await Promise.all([mkdtemp(join(tmpdir(), 'mu-disk-')), mkdtemp(join(tmpdir(), 'mu-disk-'))]);
});
afterAll(async () => {
  for (const path of [directory, other]) await rm(path, { recursive: true, force: true });
});

/** Closed again: what it saw stays. */
async function opened(path: string, isEnough: (probe: DiskProbe) => boolean = () => true): Promise<DiskProbe | null> {
  await using probe = await DiskProbe.open(path);
  if (probe !== null)
    await until(() => {
      probe.receive();
      return isEnough(probe);
    });
  return probe;
}

async function until(isEnough: () => boolean): Promise<void> {
  for (const endMs = monotonicMs() + 30_000; !isEnough() && monotonicMs() < endMs; ) await delay(20);
}

describe.runIf(process.platform === 'linux')('DiskProbe', () => {
  it('finds the device of a directory as stat(1) does', async () => {
    const { stdout } = await promisify(execFile)('stat', ['-c', '%Hd %Ld', directory]);
    const { major, minor } = deviceOf((await stat(directory)).dev);
    expect(`${major} ${minor}`).toBe(stdout.trim());
    // makedev(3): what does not fit into the low 32 bits of either.
    expect(deviceOf(Number((0x1n << 44n) | (0x234n << 8n) | 0x56n))).toEqual({ major: 0x1234, minor: 0x56 });
  });

  it('says nothing of a file system in memory', async () => {
    expect(await DiskProbe.open('/proc')).toBeNull();
  });

  it.each(isOnDisk ? ['sees'] : [])('%s write after write, in time order, and leaves no file', async () => {
    const fromMs = monotonicMs();
    const probe = await opened(directory, ({ waits }) => waits.length >= 3);
    expect(await readdir(directory)).toEqual([]);
    const times = probe?.waits.map(({ atMs }) => atMs) ?? [];
    expect(times.length).toBeGreaterThanOrEqual(3);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(Math.min(...times)).toBeGreaterThan(fromMs);
    expect(probe?.waits.every(({ waitMs }) => waitMs >= 0)).toBe(true);
  });

  it.each(isOnDisk ? ['ends alone'] : [])('%s where it cannot write, and tells of no stall', async () => {
    await mkdir(join(other, 'disk-probe'));
    await using broken = await DiskProbe.open(other);
    await opened(directory, ({ waits }) => waits.length >= 3);
    expect({ stalls: broken?.stalls, waits: broken?.waits }).toEqual({ waits: [], stalls: [] });
  });
});
