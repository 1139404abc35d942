import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { MusterError } from '../model/errors.ts';
import type { Ledger } from './ledger.ts';
import { HOST } from './placeholders.ts';
import { RUN_MARKER } from './run-processes.ts';
import { describeExit } from './running-process.ts';

/** A process of ours that listens on loopback: on the slowest of machines it needs no longer. */
const WITHIN_MS = 30_000;

type TapProcess = ChildProcessByStdio<null, Readable, null>;

/** Stands between the target's services and a Redis; the harness goes there directly. */
export interface Tap {
  readonly port: number;
  /** false: it is gone, and with it every service's way to Redis. */
  isThere(): boolean;
}

/** The Redis that a tap is for, and the run that it is a process of. */
export interface TapOptions {
  readonly service: string;
  readonly port: number;
  readonly ledger: Ledger;
  readonly signal: AbortSignal;
  /** Called when it ends, by whatever. */
  readonly onEnd: (how: string) => void;
}

/** Starts a tap as a process of the run: it ends with everything that the ledger names. @throws MusterError when it does not start. */
export async function startTap({ service, port, ledger, signal, onEnd }: TapOptions): Promise<Tap> {
  const child = spawn(process.execPath, [tapProgram(), String(port)], {
    cwd: '/',
    detached: true,
    env: { [RUN_MARKER]: ledger.runId },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  // In the same tick, as with every process of a run.
  if (child.pid !== undefined) ledger.addProcess({ pid: child.pid, service: `${service} tap`, endSignal: 'SIGTERM' });
  const line = await saidBy(child, AbortSignal.any([signal, AbortSignal.timeout(WITHIN_MS)]));
  child.unref();
  child.stdout.destroy();
  signal.throwIfAborted();
  if (line === null || !/^\d+$/u.test(line)) throw notStarted(service);
  child.once('exit', (code, ended) => onEnd(`the tap in front of "${service}" ${describeExit({ code, signal: ended })}`));
  return { port: Number(line), isThere: () => child.exitCode === null && child.signalCode === null };
}

/** Its first line; null: it cannot be started, ends without one, or says nothing in time. */
async function saidBy(child: TapProcess, signal: AbortSignal): Promise<string | null> {
  try {
    await once(child, 'spawn', { signal });
    const ended = [once(createInterface(child.stdout), 'line', { signal }), once(child, 'exit', { signal })];
    const [line] = (await Promise.race(ended)) as readonly unknown[];
    return typeof line === 'string' ? line : null;
  } catch {
    return null; // the caller says so
  }
}

/** Where services go instead of to `url`. */
export function throughTap(url: string, tap: Tap): string {
  const through = new URL(url);
  through.host = `${HOST}:${String(tap.port)}`;
  return through.href;
}

/** The compiled program; when this file runs from its source (tests), the one in `dist`. */
function tapProgram(): string {
  const compiled = fileURLToPath(new URL('../metrics/resp/tap-main.js', import.meta.url));
  return existsSync(compiled) ? compiled : fileURLToPath(new URL('../../dist/harness/metrics/resp/tap-main.js', import.meta.url));
}

function notStarted(service: string): MusterError {
  return new MusterError(`The tap of "${service}" did not start.`, {
    code: 'MUSTER_TAP_NOT_STARTED',
    blame: 'harness',
    hint: `Run \`npm run build\`, or leave out services.${service}.tap.`,
  });
}
