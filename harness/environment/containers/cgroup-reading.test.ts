import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { cgroupReading, pathOf } from './cgroup-reading.ts';

it('finds the path of a controller in both versions', () => {
  expect(pathOf('4:memory:/docker/ab\n2:cpu,cpuacct:/docker/ab\n0::/\n', 'cpuacct')).toBe('/docker/ab');
  expect(pathOf('0::/system.slice/docker-ab.scope\n', '')).toBe('/system.slice/docker-ab.scope');
  expect(pathOf('0::/\n', 'memory')).toBeNull();
});

it('is null where the files are not', async () => {
  const root = await mkdtemp(join(tmpdir(), 'cgroup-'));
  try {
    await mkdir(join(root, 'memory'));
    await writeFile(join(root, 'memory', 'memory.stat'), '');
    expect(cgroupReading(process.pid, root)).toBeNull();
  } finally {
    await rm(root, { recursive: true });
  }
});
