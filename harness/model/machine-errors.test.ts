import { expect, it } from 'vitest';
import { MusterError } from './errors.ts';
import { asMachineError, refusedWrite, tellsFullDisk } from './machine-errors.ts';

/** As Node throws it. */
function refused(code: string, more: object = {}): Error {
  return Object.assign(new Error(`${code}: the words of the system, write`), { code, ...more });
}

it.each([
  ['ENOSPC', 'MUSTER_DISK_FULL', 'the disk is full'],
  ['EDQUOT', 'MUSTER_DISK_FULL', 'the quota of the disk is used up'],
  ['EROFS', 'MUSTER_NOT_WRITABLE', 'the file system is read-only'],
  ['EACCES', 'MUSTER_NOT_WRITABLE', 'permission is denied'],
  ['EMFILE', 'MUSTER_OPEN_FILES', 'this process has too many open files'],
])('%s is an error of the environment that names the file', (errno, code, words) => {
  const error = refusedWrite(refused(errno), '/tmp/muster-ledgers/run.ndjson');
  expect({ message: error?.message, code: error?.code, exit: error?.exitCode }).toEqual({
    message: `/tmp/muster-ledgers/run.ndjson could not be written: ${words} (${errno}).`,
    code,
    exit: 69,
  });
  expect(error?.hint).toMatch(/^(Free space there|Make it writable|Raise the limit)/);
});

it('takes nothing else for a refusal', () => {
  expect(refusedWrite(refused('EEXIST'), '/x')).toBeNull();
  expect(refusedWrite('ENOSPC', '/x')).toBeNull();
  const own = new MusterError('done', { code: 'MUSTER_X', blame: 'harness', hint: 'Do.' });
  expect(asMachineError(own)).toBe(own);
});

it('blames the machine for an error nobody expected only where it cannot be a mistake of ours', () => {
  expect(asMachineError(refused('ENOSPC'))).toMatchObject({ message: 'A file could not be written: the disk is full (ENOSPC).' });
  expect(asMachineError(refused('EROFS', { path: '/mnt/x' }))).toMatchObject({ code: 'MUSTER_NOT_WRITABLE', exitCode: 69 });
  const odd = refused('EACCES');
  expect(asMachineError(odd)).toBe(odd);
});

it('hears a full disk in what programs say', () => {
  expect(tellsFullDisk('FATAL:  could not write to file "base/4/1249": No space left on device')).toBe(true);
  expect(tellsFullDisk('no such file or directory')).toBe(false);
});
