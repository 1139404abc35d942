import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import {
  isSameProcess,
  listProcesses,
  parsePsLine,
  parseStat,
  processInfo,
  processTree,
  sendSignal,
  withDescendants,
} from './process-table.ts';

const STAT_TAIL = 'S 100 42 43 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 987654 1000 200';

describe('parseStat', () => {
  it('reads pid, parent, session and start time', () => {
    expect(parseStat(`42 (node) ${STAT_TAIL}`)).toEqual({ pid: 42, parentPid: 100, sessionId: 43, startTime: '987654', name: 'node' });
  });

  it('survives names with spaces and parentheses', () => {
    expect(parseStat(`42 (a) (b c) ${STAT_TAIL}`)).toMatchObject({ parentPid: 100, name: 'a) (b c' });
  });

  it('leaves zombies out', () => {
    expect(parseStat(`42 (node) ${STAT_TAIL.replace('S', 'Z')}`)).toBeNull();
  });
});

describe('parsePsLine', () => {
  it('reads a line of ps as on macOS', () => {
    const line = '  501   1   501 Ss   Thu Nov  6 09:08:07 2025 /usr/local/bin/my tool';
    expect(parsePsLine(line)).toEqual({
      pid: 501,
      parentPid: 1,
      sessionId: 501,
      startTime: 'Thu Nov 6 09:08:07 2025',
      name: '/usr/local/bin/my tool',
    });
  });

  it.each(['', 'garbage', '  501   1   501 Z+   Thu Nov  6 09:08:07 2025 gone'])('yields nothing for %j', (line) => {
    expect(parsePsLine(line)).toBeNull();
  });
});

describe('withDescendants', () => {
  it('follows children whatever the order of the table', () => {
    const info = (pid: number, parentPid: number) => ({ pid, parentPid, sessionId: 0, startTime: '', name: '' });
    const table = [info(4, 3), info(3, 2), info(2, 1), info(9, 8)];
    const pids = withDescendants([info(2, 1)], table).map(({ pid }) => pid);
    expect(new Set(pids)).toEqual(new Set([2, 3, 4]));
  });
});

describe('on this machine', () => {
  it('finds this process, and knows it again by its start time', () => {
    const own = listProcesses().find(({ pid }) => pid === process.pid);
    expect(own?.parentPid).toBe(process.ppid);
    expect(isSameProcess({ pid: process.pid, startTime: own?.startTime ?? '' })).toBe(true);
    expect(isSameProcess({ pid: process.pid, startTime: 'another' })).toBe(false);
  });

  it('sees a child in the tree until it has ended', async () => {
    const child = spawn('sleep', ['30']);
    const pid = child.pid ?? 0;
    expect(processTree(process.pid).map((info) => info.pid)).toContain(pid);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(processInfo(pid)).toBeNull();
    expect(sendSignal(pid, 'SIGTERM')).toBe(false);
  });
});
