import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { monotonicMs } from '../model/clock.ts';
import { composeProject } from './containers/labels.ts';
import { sweepDeadLedgers } from './sweep.ts';
import { anonymousVolumesOf, engineRemains } from './testing/engine-remains.ts';
import { openScratchEngine, type ScratchEngine } from './testing/scratch-engine.ts';

/** Five seconds on a machine that has nothing else to do: the full proof in gate/engine-deaths.engine.test.ts holds it to that. */
const CLEAN_WITHIN_MS = 10_000;
const DIST = new URL('../../dist/harness/environment/', import.meta.url);

/** A supervisor as the real one, which makes one thing after the other until it is killed; says `made` when it has one of each. */
const SUPERVISOR = `
import { createRunDir, openLedger, startWatchdog } from ${JSON.stringify(new URL('index.js', DIST).href)};
import { engineAt } from ${JSON.stringify(new URL('containers/engine.js', DIST).href)};
import { composeProject, runLabels } from ${JSON.stringify(new URL('containers/labels.js', DIST).href)};
const { RUN_ID: runId, ENGINE: address, WATCHDOG: watchdog } = process.env;
const ledger = openLedger({ runId });
if (watchdog === 'yes') await startWatchdog({ runId, ledgerPath: ledger.path });
await createRunDir(runId, ledger);
ledger.add({ kind: 'engine', address, project: composeProject(runId) });
const { docker } = engineAt(address);
const Labels = runLabels(runId);
console.log('making');
for (let turn = 0; turn < 2; turn += 1) {
  const network = await docker.createNetwork({ Name: 'muster-' + runId + '-' + turn, Labels });
  const volume = await docker.createVolume({ Name: 'muster-' + runId + '-' + turn, Labels });
  const HostConfig = { Init: true, NetworkMode: network.id, Binds: [volume.name + ':/named'] };
  const what = { Image: 'muster/redis:8', Entrypoint: ['sleep', '600'], Cmd: [], Labels, HostConfig, Volumes: { '/anonymous': {} } };
  const containers = await Promise.all([1, 2].map(() => docker.createContainer(what)));
  await Promise.all(containers.map((container) => container.start()));
  if (turn === 0) await containers[0].pause();
  console.log('made');
}
setInterval(() => undefined, 1000);
`;

let scratch: ScratchEngine;
let tmp: string;
let children: ChildProcess[];
beforeEach(async () => {
  scratch = await openScratchEngine();
  tmp = mkdtempSync(join(tmpdir(), 'wd-'));
  children = [];
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(tmp, { recursive: true, force: true });
  await scratch[Symbol.asyncDispose]();
});

interface Run {
  readonly runId: string;
  readonly words: readonly string[];
  readonly supervisor: ChildProcess;
  readonly ledgerPath: string;
}

async function start({ watchdog, until }: { readonly watchdog: boolean; readonly until: string }): Promise<Run> {
  const runId = `Wd.${randomBytes(5).toString('hex')}`;
  const supervisor = spawn(process.execPath, ['--input-type=module', '-e', SUPERVISOR], {
    env: { ...process.env, RUN_ID: runId, ENGINE: scratch.engine.address, WATCHDOG: watchdog ? 'yes' : 'no', TMPDIR: tmp },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(supervisor);
  await said(supervisor.stdout, until);
  return { runId, words: [runId, composeProject(runId)], supervisor, ledgerPath: join(tmp, 'muster-ledgers', `${runId}.ndjson`) };
}

function said(stdout: Readable, what: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stdout.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes(what)) resolve();
    });
    stdout.once('close', () => reject(new Error(`the supervisor ended without saying "${what}"`)));
  });
}

async function kill({ supervisor }: Run): Promise<void> {
  supervisor.kill('SIGKILL');
  await once(supervisor, 'exit');
}

async function remains(run: Run): Promise<string[]> {
  const files = [run.ledgerPath, join(tmp, `muster-${run.runId}`)].filter((path) => existsSync(path));
  return [...(await engineRemains(scratch.engine, run.words)), ...files];
}

/** What is left: nothing, as soon as that is so. */
async function untilClean(run: Run): Promise<string[]> {
  const endMs = monotonicMs() + CLEAN_WITHIN_MS;
  for (;;) {
    const left = await remains(run);
    if (left.length === 0 || monotonicMs() > endMs) return left;
    await delay(100);
  }
}

describe('after kill -9 of a supervisor that uses an engine', () => {
  it.each([0, 150, 900])('the watchdog leaves nothing when it came %d ms after the first thing was made', async (afterMs) => {
    const run = await start({ watchdog: true, until: 'making' });
    await delay(afterMs);
    await kill(run);
    expect(await untilClean(run)).toEqual([]);
  });

  it('no anonymous volume is left, nor anything that was still being made', async () => {
    const run = await start({ watchdog: true, until: 'made' });
    const volumes = await anonymousVolumesOf(scratch.engine, run.words);
    expect(volumes.length).toBeGreaterThan(0);
    await kill(run);
    expect(await untilClean(run)).toEqual([]);
    expect(await scratch.existing(volumes)).toEqual([]);
    await delay(1_000);
    expect(await remains(run)).toEqual([]);
  });

  it('the next sweep leaves nothing where no watchdog lived, and says what it did', async () => {
    const run = await start({ watchdog: false, until: 'made' });
    await kill(run);
    expect((await remains(run)).length).toBeGreaterThan(4);
    const words = await sweepDeadLedgers(join(tmp, 'muster-ledgers'));
    expect(words.filter((what) => /removed (?:container|network|volume)/u.test(what)).length).toBeGreaterThanOrEqual(4);
    expect(await remains(run)).toEqual([]);
  });

  it('two sweeps at once do not get into each other’s way', async () => {
    const run = await start({ watchdog: false, until: 'made' });
    await kill(run);
    const words = await Promise.all([1, 2].map(() => sweepDeadLedgers(join(tmp, 'muster-ledgers'))));
    expect(words.flat().filter((what) => what.includes('could not'))).toEqual([]);
    expect(await remains(run)).toEqual([]);
  });
});
