import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { MusterError } from '../model/errors.ts';
import { sendSignal } from './process-table.ts';

export interface Watchdog {
  readonly pid: number;
  /** Tells the watchdog that the run ended in order, and resolves when it is gone. Harmless twice. */
  readonly detach: () => Promise<void>;
}

const DETACH_MS = 1_000;

/**
 * Starts the process that cleans up after the supervisor's death. Start it right after the ledger was opened and before anything
 * else is made. It never keeps the supervisor alive.
 */
export async function startWatchdog({ runId, ledgerPath }: { readonly runId: string; readonly ledgerPath: string }): Promise<Watchdog> {
  // Without the run's marker: it must not find itself among the processes to end.
  const child = spawn(process.execPath, [watchdogProgram(), runId, ledgerPath], {
    cwd: '/',
    detached: true,
    env: { TMPDIR: tmpdir() },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  await once(child, 'spawn');
  child.unref();
  const input = child.stdin;
  // A watchdog that died makes writing fail; the next run's sweep does its work then.
  input.on('error', () => undefined);
  if (input instanceof Socket) input.unref();
  let gone: Promise<void> | null = null;
  return {
    pid: child.pid ?? 0,
    detach: () => {
      gone ??= detach(child);
      return gone;
    },
  };
}

async function detach(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.stdin?.end('detach\n');
  const limit = new AbortController();
  const late = delay(DETACH_MS, 'late' as const, { signal: limit.signal }).catch(() => 'stopped' as const);
  if ((await Promise.race([exited, late])) === 'late' && child.pid !== undefined) sendSignal(child.pid, 'SIGKILL');
  limit.abort();
}

/** The compiled program; when this file runs from its source (tests), the one in `dist`. */
function watchdogProgram(): string {
  const compiled = fileURLToPath(new URL('./watchdog.js', import.meta.url));
  const program = existsSync(compiled) ? compiled : fileURLToPath(new URL('../../dist/harness/environment/watchdog.js', import.meta.url));
  if (existsSync(program)) return program;
  throw new MusterError('The watchdog program dist/harness/environment/watchdog.js does not exist.', {
    code: 'MUSTER_WATCHDOG_MISSING',
    blame: 'harness',
    hint: 'Run `npm run build`.',
  });
}
