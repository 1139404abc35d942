import type { Command } from 'commander';
import { monotonicMs } from '../../harness/model/clock.ts';
import { EXIT_CODE } from '../../harness/model/state.ts';
import { linkToStack, sweepDeadLedgers } from '../../harness/supervisor.ts';
import { say } from '../terminal.ts';
import { allKeepers, isAlive, keeperOf, type Keeper } from './keeper-file.ts';
import { putAway, signalKeeper, until, within } from './put-away.ts';

/** An orderly end takes a few seconds at most; whoever takes longer is killed, and its watchdog cleans up. */
const ENDS_WITHIN_MS = 20_000;
const DESCRIBED_WITHIN_MS = 2_000;

interface DownFlags {
  readonly all?: true;
}

export function addDown(program: Command): void {
  program
    .command('down')
    .description('end the stack that `muster up` started from this folder')
    .option('--all', 'end every stack of this user, whatever folder it was started from')
    .addHelpText(
      'after',
      `
Examples:
  muster down                                       waits until everything is gone; harmless when nothing is up
  muster down --all                                 also puts away what runs that died have left behind

Exit codes: 0 everything is gone, 70 something is left (it is named).`,
    )
    .action(down);
}

async function down({ all }: DownFlags): Promise<void> {
  const keepers = all ? await allKeepers() : [await keeperOf(process.cwd())].filter((keeper) => keeper !== null);
  const left = (await Promise.all(keepers.map((keeper) => end(keeper)))).flat();
  if (keepers.length === 0) say(all ? 'Nothing is up.' : 'Nothing is up from this folder.');
  for (const what of await sweepDeadLedgers()) say(`swept: ${what}`);
  for (const what of left) say(`left behind: ${what}`);
  if (left.length > 0) process.exitCode = EXIT_CODE.INTERNAL;
}

/** Ends one stack and waits until it is gone. Returns what is left, in words. */
async function end(keeper: Keeper): Promise<readonly string[]> {
  const startMs = monotonicMs();
  const what = keeper.stack === null ? 'The stack that was being started' : `The stack of ${keeper.stack.target}`;
  const name = `${what} in ${keeper.folder}`;
  const held = isAlive(keeper) ? await endKeeper(keeper, name) : lostItsKeeper(keeper, name);
  const left = await putAway(keeper, (swept) => say(`swept: ${swept}`));
  say(`${name} is down after ${((monotonicMs() - startMs) / 1000).toFixed(1)} s${held}.`);
  return left;
}

async function endKeeper(keeper: Keeper, name: string): Promise<string> {
  const held = await describe(keeper);
  signalKeeper(keeper, 'SIGTERM');
  if (await until(() => !isAlive(keeper), ENDS_WITHIN_MS)) return held;
  say(`${name} does not end within ${String(ENDS_WITHIN_MS / 1000)} s: the process that holds it (pid ${String(keeper.pid)}) is killed.`);
  signalKeeper(keeper, 'SIGKILL');
  return held;
}

function lostItsKeeper({ pid }: Keeper, name: string): string {
  say(`${name} had lost the process that held it (pid ${String(pid)}); what its watchdog has not put away yet is put away now.`);
  return '';
}

/** What is ended, for the closing line; and a word to whoever loses it. */
async function describe({ stack }: Keeper): Promise<string> {
  if (stack === null) return '';
  try {
    using link = await linkToStack(stack.socketPath);
    const { services, guest } = await within(link.stack.describe(), DESCRIBED_WITHIN_MS);
    if (guest !== null) say(`Run ${guest.runId} (pid ${String(guest.pid)}) was working with it and will be incomplete.`);
    return `: ${services.map((service) => service.name).join(', ')}; provider ${stack.provider}`;
  } catch {
    return ''; // it is ending already or hangs, and can be ended without being described
  }
}
