import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Engine } from '../harness/environment/containers/engine.ts';
import { composeProject } from '../harness/environment/containers/labels.ts';
import { type LedgerEntry, parseEntry } from '../harness/environment/ledger-entry.ts';
import { anonymousVolumesOf, engineRemains } from '../harness/environment/testing/engine-remains.ts';
import { directoriesIn, ledgersIn, processesOf, untilNothing } from './remains.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const WATCHDOG_MS = 15_000;
const SWEEP = `const { sweepDeadLedgers } = await import(${JSON.stringify(join(ROOT, 'dist/harness/environment/index.js'))});
for (const words of await sweepDeadLedgers()) console.log(words);`;

/** A run of the compiled command line that is about to be killed, with a temporary folder of its own. */
export interface Victim {
  readonly tmp: string;
  readonly child: ChildProcess;
  /** Resolves with its exit code when the command has ended; null after a signal. */
  readonly ended: Promise<number | null>;
  /** Everything it wrote so far. */
  output(): string;
  /** Number of a process of the run, once its ledger names it; null when the run ended without. */
  pidOf(which: 'watchdog' | 'suite runner'): Promise<number | null>;
  /** Notes what only a living run tells: its id and the volumes that have no name. To be called right before it is killed. */
  remember(): Promise<void>;
  /** What everything of the run carries in a name or a label, as far as it was remembered. */
  words(): readonly string[];
  /** What of it is still there: processes, folders, ledger, and everything on the engine. */
  remains(): Promise<readonly string[]>;
  /** What the next run does first. Resolves with what it says. */
  sweep(): Promise<string>;
}

export interface VictimOptions {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly engine: Engine;
  /** What the command is run by: `nsenter …`. */
  readonly through?: readonly string[];
}

export async function startVictim({ args, env = {}, engine, through = [] }: VictimOptions): Promise<Victim> {
  const tmp = await mkdtemp(join(tmpdir(), 'mk-'));
  await chmod(tmp, 0o711);
  const [program, ...rest] = [...through, process.execPath, join(ROOT, 'dist/scripts/muster.js'), ...args, '--out', join(tmp, 'report')];
  const options = { cwd: ROOT, env: { ...process.env, ...env, TMPDIR: tmp } };
  const child = spawn(program ?? '', rest, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ended = once(child, 'exit').then(([code]) => (typeof code === 'number' ? code : null));
  const words = new Set<string>();
  const volumes = new Set<string>();
  return {
    tmp,
    child,
    ended,
    output: () => output,
    pidOf: (which) => pidOf(which, tmp, child),
    async remember() {
      for (const runId of (await ledgersIn(tmp)).map((file) => basename(file, '.ndjson'))) words.add(runId).add(composeProject(runId));
      for (const volume of await anonymousVolumesOf(engine, [...words])) volumes.add(volume);
    },
    words: () => [...words],
    async remains() {
      const onEngine = words.size === 0 ? [] : await engineRemains(engine, [...words, ...volumes]);
      return [...onEngine, ...(await processesOf(tmp)), ...(await directoriesIn(tmp))];
    },
    sweep: async () => (await promisify(execFile)(process.execPath, ['--input-type=module', '-e', SWEEP], options)).stdout,
  };
}

/** Ends what is still running and removes the temporary folder. */
export async function bury(victim: Victim): Promise<void> {
  victim.child.kill('SIGKILL');
  await victim.ended;
  // The watchdog works from the ledger in that folder.
  await untilNothing(() => ledgersIn(victim.tmp), WATCHDOG_MS);
  await victim.sweep();
  await rm(victim.tmp, { recursive: true, force: true });
}

async function pidOf(which: 'watchdog' | 'suite runner', tmp: string, child: ChildProcess): Promise<number | null> {
  const isIt = (row: LedgerEntry): boolean =>
    which === 'watchdog' ? row.kind === 'watchdog' : row.kind === 'process' && row.service === which;
  while (child.exitCode === null && child.signalCode === null) {
    const row = (await ledgerRows(tmp)).findLast(isIt);
    if (row !== undefined && 'pid' in row) return row.pid;
    await delay(20);
  }
  return null;
}

async function ledgerRows(tmp: string): Promise<readonly LedgerEntry[]> {
  const [file] = await ledgersIn(tmp);
  if (file === undefined) return [];
  const text = await readFile(join(tmp, 'muster-ledgers', file), 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => parseEntry(line) ?? []);
}
