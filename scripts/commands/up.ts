import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { MusterError } from '../../harness/model/errors.ts';
import { Interruption } from '../../harness/supervisor.ts';
import { keep } from './keep.ts';
import { alreadyUp, isAlive, keeperOf } from './keeper-file.ts';
import { prepare, withConfigFlags, withProviderFlag, type CommonFlags } from './options.ts';
import { listenForSignals } from './signals.ts';
import { showUp, type UpMessage } from './up-report.ts';

interface UpFlags extends CommonFlags {
  readonly foreground?: true;
}

/** Last characters of what the process that holds the stack writes, for the case that it dies without a word over its channel. */
const STDERR_TAIL = 2_000;

export function addUp(program: Command): void {
  withProviderFlag(withConfigFlags(program.command('up')))
    .description('start the stack and leave it running, for work by hand; `muster down` ends it')
    .option('--foreground', 'stay in the foreground; Ctrl-C ends the stack')
    .addHelpText(
      'after',
      `
Examples:
  muster up                                         one stack per folder, in the background
  muster up --provider containers                   where it runs
  muster up --json | jq -r .services[0].url         the first service's address
  muster up --foreground                            until Ctrl-C

Exit codes: 0 up, 30 a service of the target did not start, 64 usage or config (or already up), 69 no environment, 70 internal.`,
    )
    .action((flags: UpFlags) => (flags.foreground ? keep(flags) : upInBackground(flags)));
}

async function upInBackground(flags: UpFlags): Promise<void> {
  const running = await keeperOf(process.cwd());
  if (running !== null && isAlive(running)) throw alreadyUp(running);
  await prepare(flags); // its mistakes are told before a process is started
  const abort = new AbortController();
  const signals = listenForSignals(abort, 'stopping the services');
  try {
    const child = startKeeper(abort.signal);
    const last = await untilDone(child, (message) => showUp(message, { json: flags.json === true }));
    if (child.connected) child.disconnect();
    child.stderr?.destroy();
    child.unref();
    const reason: unknown = abort.signal.reason;
    // Even one that came up meanwhile was told to end.
    if (reason instanceof Interruption) process.exitCode = reason.exitCode;
    else if (last !== null) showUp(last, { json: flags.json === true });
  } finally {
    signals.dispose();
  }
}

/** In a session of its own: a Ctrl-C in the terminal reaches only this process, which passes it on. */
function startKeeper(signal: AbortSignal): ChildProcess {
  const child = fork(fileURLToPath(new URL('../muster.js', import.meta.url)), [...process.argv.slice(2), '--foreground'], {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  signal.addEventListener('abort', () => child.kill('SIGTERM'), { once: true });
  return child;
}

/** Passes progress on until the stack is up or will not be; null when the child was ended by a signal of ours. */
function untilDone(child: ChildProcess, onProgress: (message: UpMessage) => void): Promise<UpMessage | null> {
  let written = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (written = `${written}${text}`.slice(-STDERR_TAIL)));
  let last: UpMessage | null = null;
  return new Promise((resolve, reject) => {
    child.on('message', (value) => {
      const message = value as UpMessage;
      if (message.kind === 'progress') return onProgress(message);
      last = message;
      if (message.kind === 'up') resolve(message);
    });
    child.once('error', (error) => reject(died(error.message, written)));
    // What failed is put away first: when this process ends, nothing of it is left.
    child.once('close', (code, signal) => {
      if (last !== null || child.killed) resolve(last);
      else reject(died(signal === null ? `ended with code ${String(code)}` : `was ended by ${signal}`, written));
    });
  });
}

function died(how: string, written: string): MusterError {
  const lines = written
    .trim()
    .split('\n')
    .map((line) => `\n  | ${line}`);
  return new MusterError(`The process that was to hold the stack ${how}.${written.trim() === '' ? '' : lines.join('')}`, {
    code: 'MUSTER_KEEPER_DIED',
    blame: 'harness',
    hint: 'Run `muster up --foreground` to see what happens; its watchdog puts away what was started.',
  });
}
