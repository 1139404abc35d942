import { describe, expect, it } from 'vitest';
import { CpuAccount } from './cpu-account.ts';
import type { Member } from './process-tree.ts';

interface Given {
  readonly cpuMs: number;
  readonly reapedMs?: number;
  readonly isNewborn?: boolean;
  /** Which process it is; the one with this pid from the beginning when absent. */
  readonly files?: Member['files'];
}

const filesOf = (): Member['files'] => ({ memory: () => null, fds: () => null });
const FILES = Array.from({ length: 10 }, filesOf);

const member = (pid: number, { cpuMs, reapedMs = 0, isNewborn = false, files = FILES[pid] ?? filesOf() }: Given): Member => ({
  pid,
  root: 1,
  isNewborn,
  stat: { parent: 1, session: 1, cpuMs, reapedMs, startTicks: 1, isZombie: false },
  files,
});

describe('CpuAccount', () => {
  it('knows nothing in the first sample, and then what was used since', () => {
    const account = new CpuAccount();
    expect(account.used([member(1, { cpuMs: 5000 }), member(2, { cpuMs: 10 })])).toBeNull();
    expect(account.used([member(1, { cpuMs: 5030 }), member(2, { cpuMs: 30 })])).toBe(50);
  });

  it('counts all of a process that was started in between, and of one that is seen for the first time only what comes', () => {
    const account = new CpuAccount();
    account.used([]);
    expect(account.used([member(2, { cpuMs: 70, isNewborn: true }), member(3, { cpuMs: 9_000 })])).toBe(70);
    expect(account.used([member(2, { cpuMs: 75 }), member(3, { cpuMs: 9_001 })])).toBe(6);
  });

  it('counts a process that lived and ended between two samples, by what its parent waited for', () => {
    const account = new CpuAccount();
    account.used([member(1, { cpuMs: 0, reapedMs: 40 })]);
    expect(account.used([member(1, { cpuMs: 10, reapedMs: 240 })])).toBe(210);
  });

  it.each([
    ['at once', [320, 320], [20, 0]],
    ['one sample later', [0, 320], [0, 20]],
  ])('does not count twice what an ended process had used, waited for %s', (_, reaped, expected) => {
    const account = new CpuAccount();
    account.used([member(1, { cpuMs: 0 }), member(2, { cpuMs: 100, reapedMs: 200 })]);
    expect(reaped.map((reapedMs) => account.used([member(1, { cpuMs: 0, reapedMs })]))).toEqual(expected);
  });

  it('lets go of what nobody waits for', () => {
    const account = new CpuAccount();
    account.used([member(1, { cpuMs: 0 }), member(2, { cpuMs: 100 })]);
    for (let sample = 0; sample < 3; sample += 1) account.used([member(1, { cpuMs: 0 })]);
    expect(account.used([member(1, { cpuMs: 0, reapedMs: 30 })])).toBe(30);
  });

  it('takes a pid that was given to another process for another process', () => {
    const account = new CpuAccount();
    const other = filesOf();
    account.used([member(7, { cpuMs: 500 })]);
    expect(account.used([member(7, { cpuMs: 800, files: other })])).toBe(0);
    expect(account.used([member(7, { cpuMs: 810, files: other })])).toBe(10);
  });
});
