import { createTaskRunner } from './run-task.ts';
import type { Said, Told } from './messages.ts';
import { performShare } from './perform-share.ts';
import { Share } from './share-orders.ts';

/**
 * A load worker: a child process that does shares of loads, one after the other, as it is told over its IPC channel. It ends with the
 * channel, so that it never outlives whoever started it.
 */

/** Sessions are closed in order within this time after the channel is gone. */
const CLOSE_WITHIN_MS = 1_500;

const runner = createTaskRunner();
let share: Share | null = null;

function say(said: Said): void {
  // A channel that closes meanwhile is how the end looks from here.
  if (process.connected) process.send?.(said, undefined, undefined, () => undefined);
}

process.on('message', (told: Told) => {
  if (told.kind === 'prepare') {
    share = new Share();
    void performShare(runner, told.task, share, say);
  } else if (told.kind === 'go') share?.begin(told.startAtMs);
  else share?.abort();
});

process.once('disconnect', () => {
  share?.abort();
  setTimeout(() => process.exit(), CLOSE_WITHIN_MS).unref();
  runner[Symbol.asyncDispose]().then(
    () => process.exit(),
    () => process.exit(1),
  );
});
// The terminal's Ctrl-C is for whoever started this process, which ends the channel.
process.on('SIGINT', () => undefined);
