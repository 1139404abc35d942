import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { processInfo } from './process-table.ts';
import { endRunProcesses, findRunProcesses, RUN_MARKER, STORES_FOLDER } from './run-processes.ts';

const LIMITS = { graceMs: 200, quietMs: 60, deadlineMs: 5_000 };

let folder: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'run-processes-'));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

/** Resolves when the program has said that it is up. */
async function run(program: string, env: Record<string, string>, cwd = '/'): Promise<number> {
  const child = spawn('sh', ['-c', program], {
    cwd,
    env: { PATH: '/bin:/usr/bin', ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.push(child);
  await once(child.stdout, 'data');
  return child.pid ?? 0;
}

const entry = (pid: number) =>
  ({ kind: 'process', pid, startTime: processInfo(pid)?.startTime ?? '', service: 'x', endSignal: 'SIGTERM' }) as const;
const pidsOf = (runId: string, ...entries: Parameters<typeof findRunProcesses>[0]['entries']): number[] =>
  findRunProcesses({ runId, entries }).map(({ pid }) => pid);

describe.runIf(process.platform === 'linux')('findRunProcesses', () => {
  it('knows a process by the marker of its own run only', async () => {
    const pid = await run('echo up; sleep 30', { [RUN_MARKER]: 'r-1' });
    expect(pidsOf('r-1')).toContain(pid);
    expect(pidsOf('r-11')).toEqual([]);
    expect(pidsOf('r-')).toEqual([]);
  });

  it('knows a process by the ledger, unless another one has got its number', async () => {
    const pid = await run('echo up; sleep 30', {});
    expect(pidsOf('r-2', entry(pid))).toContain(pid);
    expect(pidsOf('r-2', { ...entry(pid), startTime: 'another' })).toEqual([]);
  });

  it('knows a store by where it works, without marker and ledger row, and nobody else in the run directory', async () => {
    const store = join(folder, STORES_FOLDER, 'redis');
    mkdirSync(store, { recursive: true });
    const pid = await run('echo up; sleep 30', {}, store);
    await run('echo up; sleep 30', {}, folder);
    expect(new Set(pidsOf('r-3', { kind: 'directory', path: folder }))).toEqual(new Set([pid, ...childrenOf(pid)]));
  });

  it('knows children that cleared their environment, also after their parent has gone', async () => {
    const pid = await run('env -i sleep 30 & echo up; wait', { [RUN_MARKER]: 'r-4' });
    const row = entry(pid);
    expect(pidsOf('r-4', row).length).toBe(2);
    process.kill(pid, 'SIGKILL');
    await Promise.all(children.map((child) => once(child, 'exit')));
    expect(pidsOf('r-4', row).length).toBe(1);
    await endRunProcesses({ runId: 'r-4', entries: [row] }, LIMITS);
  });
});

describe.runIf(process.platform === 'linux')('endRunProcesses', () => {
  it('ends who ignores the request, who is stopped, and who was forked meanwhile', async () => {
    const deaf = await run(`trap '' TERM; echo up; while :; do sleep 0.05; done`, { [RUN_MARKER]: 'r-5' });
    const stopped = await run('echo up; sleep 30', { [RUN_MARKER]: 'r-5' });
    process.kill(stopped, 'SIGSTOP');
    const { ended, alive } = await endRunProcesses({ runId: 'r-5', entries: [] }, LIMITS);
    expect(alive).toEqual([]);
    expect(ended.map(({ pid }) => pid)).toEqual(expect.arrayContaining([deaf, stopped]));
    expect(pidsOf('r-5')).toEqual([]);
  });

  it('spares the owner and the watchdog of the ledger', async () => {
    const pid = await run('echo up; exec sleep 30', { [RUN_MARKER]: 'r-6' });
    const { startTime } = entry(pid);
    await endRunProcesses({ runId: 'r-6', entries: [{ kind: 'watchdog', pid, startTime }] }, LIMITS);
    expect(processInfo(pid)).not.toBeNull();
  });
});

function childrenOf(pid: number): number[] {
  return findRunProcesses({ runId: 'none', entries: [entry(pid)] })
    .map((info) => info.pid)
    .filter((child) => child !== pid);
}
