import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { MusterError } from '../model/errors.ts';
import { requireAllowedHosts } from '../model/hosts.ts';
import { TRUSTED_FILE } from '../model/tls.ts';
import type { PeakOrder, PeakResult } from './peak-types.ts';

export interface PeakOptions extends Omit<PeakOrder, 'origin'> {
  /** Base URL of the service; only its origin is used. */
  readonly url: string;
  /** Hosts besides loopback. */
  readonly allowedHosts?: readonly string[];
  /** Ends it at once. */
  readonly signal?: AbortSignal;
  /** Called with the pid of the generator as soon as it is known. */
  readonly onSpawn?: (pid: number) => void;
}

const KEPT_OUTPUT = 2_000;
const SHORTEST_TIMEOUT_MS = 1_000;

/**
 * As many requests as `connections` clients get through one after the other, without a rate: autocannon in a process of its own, which is
 * gone when this resolves or rejects. For the benchmark suite's full profile: what the target can do at most, beside the open loop's
 * capacity. Look at `errors`, `lost` and `elu` before you believe it. Never rejects for what the target does.
 * @throws MusterError MUSTER_HOST_NOT_ALLOWED (config), MUSTER_PEAK_FAILED (harness); the reason of `signal` when it aborts.
 */
export async function closedLoopPeak({ url, allowedHosts = [], signal, onSpawn, ...order }: PeakOptions): Promise<PeakResult> {
  requireAllowedHosts([url], allowedHosts);
  signal?.throwIfAborted();
  // A group of its own: a Ctrl-C in the terminal reaches only the supervisor.
  const child = spawn(process.execPath, [peakProgram()], { detached: true, env: trusted(), stdio: ['pipe', 'pipe', 'pipe'] });
  if (child.pid !== undefined) onSpawn?.(child.pid);
  const abort = (): void => void child.kill('SIGKILL');
  signal?.addEventListener('abort', abort, { once: true });
  try {
    return await talk(child, { ...order, origin: new URL(url).origin, timeoutMs: Math.max(SHORTEST_TIMEOUT_MS, order.timeoutMs) }, signal);
  } finally {
    signal?.removeEventListener('abort', abort);
    child.kill('SIGKILL');
  }
}

function trusted(): Readonly<Record<string, string>> {
  const file = process.env[TRUSTED_FILE];
  return file === undefined ? {} : { [TRUSTED_FILE]: file };
}

async function talk(child: ChildProcess, order: PeakOrder, signal: AbortSignal | undefined): Promise<PeakResult> {
  const [output, complaints] = [collect(child.stdout), collect(child.stderr)];
  // A child that is gone before it read its order is heard of by its end.
  child.stdin?.on('error', () => undefined);
  child.stdin?.write(`${JSON.stringify(order)}\n`);
  try {
    await once(child, 'close');
  } catch (error) {
    throw peakFailed('it could not be started', error);
  }
  signal?.throwIfAborted();
  const [line = '', rest] = output().split('\n');
  if (child.exitCode === 0 && rest !== undefined) return JSON.parse(line) as PeakResult;
  throw peakFailed(`it ended with ${child.signalCode ?? child.exitCode}: ${complaints().trim() || 'no word'}`);
}

function collect(stream: NodeJS.ReadableStream | null): () => string {
  let text = '';
  stream?.setEncoding('utf8').on('data', (part: string) => (text = (text + part).slice(-KEPT_OUTPUT)));
  return () => text;
}

function peakFailed(problem: string, cause?: unknown): MusterError {
  return new MusterError(`The closed-loop generator has no result: ${problem}.`, {
    code: 'MUSTER_PEAK_FAILED',
    blame: 'harness',
    hint: 'Run it again; if it fails the same way, report the message.',
    ...(cause !== undefined && { cause }),
  });
}

/** The compiled program; when this file runs from its source (tests), the one in `dist`. */
function peakProgram(): string {
  const compiled = fileURLToPath(new URL('./peak-main.js', import.meta.url));
  return existsSync(compiled) ? compiled : fileURLToPath(new URL('../../dist/harness/workers/peak-main.js', import.meta.url));
}
