import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { monotonicMs } from '../model/clock.ts';
import { cacheDirOf } from './binaries.ts';
import { ANSWER, http, postgres, redis, target } from './fixtures/target.ts';
import { ledgersDir, openLedger } from './ledger.ts';
import { readLedger } from './ledger-entry.ts';
import { processInfo } from './process-table.ts';
import { findRunProcesses } from './run-processes.ts';
import { startWatchdog } from './start-watchdog.ts';

const CLEAN_WITHIN_MS = 5_000;
/** A process that was just being started may show up this late. */
const QUIET_MS = 400;

/** Does not end on SIGTERM, and its child has a session of its own. */
const DEAF = `process.on('SIGTERM', () => undefined); require('node:child_process').spawn('sleep', ['60'], { detached: true }); ${ANSWER}`;

/** A supervisor as the real one: ledger, watchdog, run directory, environment; says `started` and waits for its end. */
const SUPERVISOR = `
import { createRunDir, openLedger, startLocal, startWatchdog } from ${JSON.stringify(new URL('../../dist/harness/environment/index.js', import.meta.url).href)};
const { RUN_ID: runId, TARGET } = process.env;
const ledger = openLedger({ runId });
await startWatchdog({ runId, ledgerPath: ledger.path });
const runDir = await createRunDir(runId, ledger);
console.log('run directory');
const signal = new AbortController().signal;
await startLocal({ runId, runDir, target: JSON.parse(TARGET), signal, ledger, env: process.env, onProgress: () => undefined });
console.log('started');
setInterval(() => undefined, 1000);
`;

let cache: string;
beforeAll(() => {
  // A cache with the programs, but without a template: initdb runs.
  cache = mkdtempSync(join(tmpdir(), 'cache-test-'));
  chmodSync(cache, 0o755);
  for (const name of ['postgres', 'redis'])
    if (existsSync(join(cacheDirOf(process.env), name))) symlinkSync(join(cacheDirOf(process.env), name), join(cache, name));
});
afterAll(() => rmSync(cache, { recursive: true, force: true }));

function supervise(runId: string, env: Record<string, string>) {
  const spec = target(postgres, redis, http('deaf', DEAF, { dependsOn: ['redis'] }));
  return spawn(process.execPath, ['--input-type=module', '-e', SUPERVISOR], {
    env: { ...process.env, RUN_ID: runId, TARGET: JSON.stringify(spec), ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

function said(stdout: Readable, what: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stdout.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes(what)) resolve();
    });
    stdout.once('close', () => {
      reject(new Error(`the supervisor ended without saying "${what}"`));
    });
  });
}

/** What is left of the run: processes, directories, staging directories in the cache, the ledger. */
function remains(runId: string): string[] {
  const runDir = join(tmpdir(), `muster-${runId}`);
  const processes = findRunProcesses({ runId, entries: [{ kind: 'directory', path: runDir }] });
  const files = [runDir, join(ledgersDir(), `${runId}.ndjson`)].filter((path) => existsSync(path));
  return [
    ...processes.map(({ pid, name }) => `${name} ${String(pid)}`),
    ...files,
    ...readdirSync(cache).filter((name) => name.includes(runId)),
  ];
}

/** Resolves with what is left: nothing, as soon as there was nothing for `QUIET_MS` on end. */
async function untilClean(runId: string): Promise<string[]> {
  const endMs = monotonicMs() + CLEAN_WITHIN_MS;
  let cleanSinceMs: number | null = null;
  for (;;) {
    const left = remains(runId);
    const nowMs = monotonicMs();
    cleanSinceMs = left.length === 0 ? (cleanSinceMs ?? nowMs) : null;
    if (nowMs > endMs || (cleanSinceMs !== null && nowMs - cleanSinceMs > QUIET_MS)) return left;
    await delay(40);
  }
}

describe('after kill -9 of the supervisor', () => {
  // From the first directory over initdb, the copy of the template and the start of services to the running environment.
  it.each([0, 60, 200, 500, 1_000])('nothing is left when it is killed %d ms after it began', async (killAfterMs) => {
    const runId = `kill-${randomBytes(5).toString('hex')}`;
    const supervisor = supervise(runId, { MUSTER_CACHE: cache });
    await said(supervisor.stdout, 'run directory');
    await delay(killAfterMs);
    supervisor.kill('SIGKILL');
    await once(supervisor, 'exit');
    expect(await untilClean(runId)).toEqual([]);
  });

  it('nothing is left of a running environment', async () => {
    const runId = `kill-${randomBytes(5).toString('hex')}`;
    const supervisor = supervise(runId, {});
    await said(supervisor.stdout, 'started');
    expect(remains(runId).filter((what) => /^(postgres|redis|node|sleep)/.test(what)).length).toBeGreaterThan(5);
    supervisor.kill('SIGKILL');
    expect(await untilClean(runId)).toEqual([]);
  });
});

describe('startWatchdog', () => {
  it('goes away when it is detached, and touches nothing', async () => {
    const ledger = openLedger({ runId: `dog-${randomBytes(5).toString('hex')}` });
    const { pid, detach } = await startWatchdog({ runId: ledger.runId, ledgerPath: ledger.path });
    expect(processInfo(pid)).not.toBeNull();
    await detach();
    await detach();
    expect(processInfo(pid)).toBeNull();
    expect(existsSync(ledger.path)).toBe(true);
    ledger.close();
  });

  it('outlives the signals of a terminal', async () => {
    const ledger = openLedger({ runId: `dog-${randomBytes(5).toString('hex')}` });
    const { pid, detach } = await startWatchdog({ runId: ledger.runId, ledgerPath: ledger.path });
    // It writes its row when it is up.
    while (!readLedger(ledger.path).some((entry) => entry.kind === 'watchdog' && entry.pid === pid)) await delay(10);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(pid, signal);
    await delay(50);
    expect(processInfo(pid)).not.toBeNull();
    await detach();
    ledger.close();
  });
});
