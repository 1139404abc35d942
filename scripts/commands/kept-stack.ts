import { MusterError } from '../../harness/model/errors.ts';
import { linkToStack, type StackLink } from '../../harness/supervisor.ts';
import { isAlive, keeperOf, type KeptStack } from './keeper-file.ts';

/**
 * The stack that `muster up` holds for this folder.
 * @throws MusterError (config) when there is none, or it is still being started.
 */
export async function stackOf(folder: string): Promise<KeptStack> {
  const keeper = await keeperOf(folder);
  if (keeper === null) throw noStack('Nothing is up from this folder.', 'Start the stack with `muster up`.');
  const pid = String(keeper.pid);
  if (!isAlive(keeper)) {
    const hint = 'Put away what is left with `muster down`, then start it anew with `muster up`.';
    throw noStack(`Nothing is up from this folder any more: process ${pid}, which held the stack, has died.`, hint);
  }
  if (keeper.stack === null)
    throw noStack(`The stack of this folder is still being started (pid ${pid}).`, 'Try again when `muster up` has returned.');
  return keeper.stack;
}

/** Connects to that stack. Dispose of the link. */
export async function linkTo(folder: string): Promise<StackLink> {
  const { socketPath } = await stackOf(folder);
  return linkToStack(socketPath);
}

function noStack(message: string, hint: string): MusterError {
  return new MusterError(message, { code: 'MUSTER_NO_STACK', blame: 'config', hint });
}
