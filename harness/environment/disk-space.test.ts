import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { requireSpace, spaceNeeded } from './disk-space.ts';

const MIB = 1024 * 1024;
const STACK = [{ kind: 'postgres' }, { kind: 'redis' }, { kind: 'http' }] as const;

it('knows what a start needs, by provider', () => {
  expect(spaceNeeded('local', STACK)).toBe(72 * MIB);
  expect(spaceNeeded('containers', STACK)).toBe(12 * MIB);
  expect(spaceNeeded('external', STACK)).toBe(0);
});

it('refuses a disk that is too full, before anything is started', async () => {
  await expect(requireSpace('/tmp/muster-run', 72 * MIB, () => Promise.resolve(3.9 * MIB))).rejects.toMatchObject({
    message: 'The disk of /tmp/muster-run has 3 MiB free; the start of the services needs 72 MiB.',
    code: 'MUSTER_DISK_FULL',
    exitCode: 69,
    hint: 'Free space there, or set TMPDIR to a directory on another disk.',
  });
});

it('asks the file system', async () => {
  await requireSpace(tmpdir(), 1);
  await expect(requireSpace(tmpdir(), Number.MAX_SAFE_INTEGER)).rejects.toMatchObject({ code: 'MUSTER_DISK_FULL' });
});
