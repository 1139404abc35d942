import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { TRUSTED_FILE } from '../model/tls.ts';
import type { ControlServer } from './control-server.ts';
import { CONTROL_SOCKET_ENV, type PhaseOutcome, type RunnerApi } from './protocol.ts';

export interface RunnerProcess extends AsyncDisposable {
  readonly pid: number;
  /** Runs the files of one suite. Rejects when the process ends first or `signal` aborts. */
  runPhase(suite: string, signal: AbortSignal): Promise<PhaseOutcome>;
  /** Ends the process and its workers at once. */
  kill(): Promise<void>;
}

export interface RunnerOptions {
  readonly control: ControlServer;
  readonly runId: string;
  /** Package root that vitest runs in, and the folder of the suites relative to it. */
  readonly root: string;
  readonly suitesFolder: string;
  /** The run's own temporary folder: log and whatever vitest writes go there, and go away with it. */
  readonly runDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Registers the process in the ledger as soon as its pid is known. */
  readonly onSpawn: (pid: number) => void;
}

/** Starts the vitest process in a process group of its own: a Ctrl-C in the terminal reaches only the supervisor. */
export function startRunner(options: RunnerOptions): RunnerProcess {
  const program = fileURLToPath(new URL('./runner-main.js', import.meta.url));
  const child = spawn(process.execPath, [program, options.root, options.suitesFolder], {
    cwd: options.root,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: runnerEnvironment(options),
  });
  const log = createWriteStream(join(options.runDir, 'runner.log'), { flags: 'a', mode: 0o600 });
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${error.message}`));
    child.once('close', (code, signal) => resolve(signal === null ? `exited with code ${code ?? 'unknown'}` : `was ended by ${signal}`));
  });
  void ended.then(() => log.end());
  if (child.pid !== undefined) options.onSpawn(child.pid);
  const ready = options.control.runner(child.pid ?? -1);
  return {
    pid: child.pid ?? -1,
    runPhase: (suite, signal) =>
      raceAll(
        ready.then((api) => api.runPhase(suite)),
        ended,
        signal,
      ),
    kill: () => kill(child, ended),
    async [Symbol.asyncDispose]() {
      await shutDown(child, ready, ended);
    },
  };
}

/** A process whose channel closed is gone within this time. */
const ENDS_WITHIN_MS = 1_000;
/** How long vitest may take to close by itself before it is killed. */
const SHUTDOWN_MS = 1_500;

async function shutDown(child: ChildProcess, ready: Promise<RunnerApi>, ended: Promise<string>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), SHUTDOWN_MS);
  void ready
    .then(
      (api) => api.shutdown(),
      () => signalGroup(child, 'SIGKILL'),
    )
    .catch(() => signalGroup(child, 'SIGKILL'));
  await ended;
  clearTimeout(timer);
  signalGroup(child, 'SIGKILL');
}

async function kill(child: ChildProcess, ended: Promise<string>): Promise<void> {
  signalGroup(child, 'SIGKILL');
  await ended;
}

/** The group outlives its leader: a worker may still run when vitest itself is gone. */
function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function runnerEnvironment({ env, runId, control, runDir }: RunnerOptions): NodeJS.ProcessEnv {
  const temporary = join(runDir, 'runner-tmp');
  mkdirSync(temporary, { recursive: true });
  const kept = Object.fromEntries(
    ['PATH', 'HOME', 'LANG', 'TZ', TRUSTED_FILE].flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])),
  );
  return { ...kept, NODE_ENV: 'test', TMPDIR: temporary, MUSTER_RUN: runId, [CONTROL_SOCKET_ENV]: control.socketPath };
}

function raceAll<T>(work: Promise<T>, ended: Promise<string>, signal: AbortSignal): Promise<T> {
  const lost = async (): Promise<never> => {
    throw new RunnerLost(`the suite runner ${await ended}`);
  };
  const phase = async (): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      // A closed channel is how a dead process looks from here: its end, which comes a moment later, says more.
      await Promise.race([lost(), delay(ENDS_WITHIN_MS, null, { ref: false })]);
      throw error;
    }
  };
  return untilAborted(Promise.race([phase(), lost()]), signal);
}

function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(new RunnerLost(String(signal.reason instanceof Error ? signal.reason.message : signal.reason)));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** The phase did not come to its end: the runner died, or its time was up. The message is the reason in the record. */
export class RunnerLost extends Error {
  override readonly name = 'RunnerLost';
}
