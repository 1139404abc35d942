import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { openSession } from '../../harness/supervisor.ts';
import { messageOf, MusterError } from '../../harness/model/errors.ts';
import { EXIT_CODE } from '../../harness/model/state.ts';
import { printJson, say } from '../terminal.ts';
import { prepare, withCommonFlags, type CommonFlags } from './options.ts';
import { forgetKeeper, keeperOf, rememberKeeper } from './keeper-file.ts';
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
  withCommonFlags(program.command('up'))
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
  if (message.failure !== undefined) throw startFailed(message.failure);
  if (flags.json) printJson(message);
  else for (const service of message.services ?? []) say(`${service.name.padEnd(16)} ${service.url}`);
  if (!flags.json) say('\nThe stack is up. `muster down` ends it.');
}

/** Holds the stack until a signal arrives. Tells a parent process (if any) when it is ready. */
async function keep(flags: UpFlags): Promise<void> {
  const abort = new AbortController();
  const { plan } = await prepare(flags);
  const signals = listenForSignals(abort);
  const session = await openSession({
    plan,
    env: process.env,
    onProgress: (service, text) => say(`${service}: ${text}`),
    onSwept: (what) => say(`swept: ${what}`),
  });
  let environment: Awaited<ReturnType<typeof session.start>> | null = null;
  try {
    environment = await session.start(abort.signal);
    const [failed] = environment.startFailures.entries();
    if (failed !== undefined) throw startFailed(`${failed[0]}: ${failed[1].reason}`);
    await rememberKeeper(process.cwd());
    const services = [...environment.services.values()].map(({ name, url }) => ({ name, url }));
    if (process.send) process.send({ services });
    else for (const service of services) say(`${service.name.padEnd(16)} ${service.url}`);
    if (!abort.signal.aborted) await once(abort.signal, 'abort');
  } catch (error) {
    if (process.send) process.send({ failure: messageOf(error) });
    if (!abort.signal.aborted) throw error;
  } finally {
    await environment?.[Symbol.asyncDispose]();
    const leftovers = await session.close(environment);
    for (const leftover of leftovers) say(`left behind: ${leftover}`);
    await forgetKeeper(process.cwd());
    signals.dispose();
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

function startFailed(reason: string): MusterError {
  return new MusterError(`The stack did not come up: ${reason}.`, {
    code: 'MUSTER_UP_FAILED',
    blame: 'environment',
    hint: 'Run `muster up --foreground` to see what each service says, or `muster doctor`.',
  });
}
