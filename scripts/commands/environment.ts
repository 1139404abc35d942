import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { openSession, startFailureText } from '../../harness/supervisor.ts';
import { messageOf, MusterError } from '../../harness/model/errors.ts';
import { EXIT_CODE } from '../../harness/model/state.ts';
import { printJson, say } from '../terminal.ts';
import { prepare, withConfigFlags, withProviderFlag, type CommonFlags } from './options.ts';
import { claimFolder, keeperOf } from './keeper-file.ts';
import { listenForSignals } from './signals.ts';

interface UpFlags extends CommonFlags {
  readonly foreground?: true;
}

interface UpMessage {
  readonly services?: readonly { readonly name: string; readonly url: string }[];
  readonly failure?: string;
  readonly exitCode?: number;
}

export function addUp(program: Command): void {
  withProviderFlag(withConfigFlags(program.command('up')))
    .description('start the stack and leave it running, for work by hand; `muster down` ends it')
    .option('--foreground', 'stay in the foreground; Ctrl-C ends the stack')
    .addHelpText('after', '\nExamples:\n  muster up\n  muster up --json | jq -r .services[0].url\n  muster up --foreground')
    .action((flags: UpFlags) => (flags.foreground ? keep(flags) : upInBackground(flags)));
}

export function addDown(program: Command): void {
  program
    .command('down')
    .description('end the stack that `muster up` started from this folder')
    .addHelpText('after', '\nExample:\n  muster down')
    .action(down);
}

async function upInBackground(flags: UpFlags): Promise<void> {
  const running = await keeperOf(process.cwd());
  if (running !== null) throw alreadyUp(running.pid);
  await prepare(flags);
  const child = fork(fileURLToPath(new URL('../muster.js', import.meta.url)), [...process.argv.slice(2), '--foreground'], {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const message = await new Promise<UpMessage>((resolve) => {
    child.once('message', (value) => resolve(value as UpMessage));
    child.once('exit', (code) => resolve({ failure: `the keeper process ended with code ${code ?? 'unknown'}` }));
  });
  if (child.connected) child.disconnect();
  child.unref();
  if (message.failure !== undefined) throw startFailed(message.failure.replace(`${NOT_UP}: `, ''));
  if (flags.json) printJson(message);
  else for (const service of message.services ?? []) say(`${service.name.padEnd(16)} ${service.url}`);
  if (!flags.json) say('\nThe stack is up. `muster down` ends it.');
}

/** Holds the stack until a signal arrives. Tells a parent process (if any) when it is ready. */
async function keep(flags: UpFlags): Promise<void> {
  const claim = await claimFolder(process.cwd());
  if (claim.holder !== null) throw alreadyUp(claim.holder.pid);
  const abort = new AbortController();
  const signals = listenForSignals(abort);
  try {
    await hold(flags, abort.signal);
  } catch (error) {
    if (abort.signal.aborted) return;
    if (process.send) process.send({ failure: messageOf(error) } satisfies UpMessage);
    throw error;
  } finally {
    await claim.release();
    signals.dispose();
  }
}

async function hold(flags: UpFlags, signal: AbortSignal): Promise<void> {
  const { plan } = await prepare(flags);
  const session = await openSession({
    plan,
    env: process.env,
    onProgress: (service, text) => say(`${service}: ${text}`),
    onSwept: (what) => say(`swept: ${what}`),
  });
  let environment: Awaited<ReturnType<typeof session.start>> | null = null;
  try {
    environment = await session.start(signal, (reason) => say(`muster: ${reason}`));
    const [failed] = environment.startFailures.entries();
    if (failed !== undefined) throw startFailed(`${failed[0]}: ${startFailureText(failed[1])}`);
    const services = [...environment.services.values()].map(({ name, url }) => ({ name, url }));
    if (process.send) process.send({ services } satisfies UpMessage);
    else for (const service of services) say(`${service.name.padEnd(16)} ${service.url}`);
    if (!signal.aborted) await once(signal, 'abort');
  } finally {
    await environment?.[Symbol.asyncDispose]();
    const leftovers = await session.close(environment);
    for (const leftover of leftovers) say(`left behind: ${leftover}`);
    if (leftovers.length > 0) process.exitCode = EXIT_CODE.INTERNAL;
  }
}

async function down(): Promise<void> {
  const keeper = await keeperOf(process.cwd());
  if (keeper === null) {
    say('Nothing is up from this folder.');
    return;
  }
  process.kill(keeper.pid, 'SIGTERM');
  await keeper.ended();
  say('The stack is down.');
}

function alreadyUp(pid: number): MusterError {
  return new MusterError(`A stack is already up from this folder (pid ${pid}).`, {
    code: 'MUSTER_ALREADY_UP',
    blame: 'config',
    hint: 'End it with `muster down` first.',
  });
}

const NOT_UP = 'The stack did not come up';

function startFailed(reason: string): MusterError {
  return new MusterError(`${NOT_UP}: ${reason}`, {
    code: 'MUSTER_UP_FAILED',
    blame: 'environment',
    hint: 'Mend the service that is named, or run `muster doctor` to look at this machine and the configuration.',
  });
}
