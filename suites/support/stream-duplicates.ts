import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { NotMeasured, type SuiteRun } from '../../harness/index.ts';
import { withRedis } from './stores.ts';
import { EffectWatch, isAcknowledged, sendMessage, untilDrained, type Message } from './stream-ledger.ts';
import { isDrained } from './stream-state.ts';

/** Longer than the patience of most clients with one command, shorter than that of most callers. */
const PAUSE_MS = 900;
/** So many are sent before the pause, to be the ordinary case. */
const BEFORE = 20;
const DRAIN_MS = 12_000;

export interface Duplicates {
  readonly messages: readonly Message[];
  /** Of these, those that say something: acknowledged without an effect that could be seen, a message may have had none or many elsewhere. */
  readonly telling: number;
  /** For so long Redis gave no answer to somebody who asked. */
  readonly pausedMs: number;
  readonly repeated: readonly (Message & { readonly times: number })[];
  /** Nothing more can come: what was sent has had all of its effects. */
  readonly isDrained: boolean;
}

/** Sends messages, each once, while Redis gives no answer for a moment; waits until the stream is worked off and counts effects. */
export async function duplicatesOf(run: SuiteRun, count: number): Promise<Duplicates> {
  const [agent, workspace] = [randomUUID(), run.workspace()];
  const send = (): Promise<Message> => sendMessage(run, { agent, workspace });
  await using watch = new EffectWatch(run, await run.adminUrl('postgres'));
  const before = await Promise.all(Array.from({ length: BEFORE }, send));
  const { value: meanwhile, pausedMs } = await whilePaused(await run.adminUrl('redis'), () =>
    Promise.all(Array.from({ length: Math.max(0, count - BEFORE) }, send)),
  );
  const messages = [...before, ...meanwhile];
  await watch.until(messages.filter(isAcknowledged), DRAIN_MS);
  const states = await untilDrained(run, [agent], DRAIN_MS);
  await watch.look([agent]);
  const repeated = messages.map((message) => ({ ...message, times: watch.timesOf(message.value) })).filter(({ times }) => times > 1);
  const telling = messages.filter((message) => !isAcknowledged(message) || watch.timesOf(message.value) > 0).length;
  if (!messages.some(({ value }) => watch.timesOf(value) > 0))
    throw new NotMeasured(`none of ${messages.length} messages had an effect that \`stream.processed\` shows: none can be seen twice`);
  return { messages, telling, pausedMs, repeated, isDrained: [...states.values()].every(isDrained) };
}

/** Does the work while no command is answered. @throws NotMeasured when Redis does not let us, or answers all the same. */
async function whilePaused<T>(url: string, work: () => Promise<T>): Promise<{ readonly value: T; readonly pausedMs: number }> {
  return withRedis(url, async (redis) => {
    await pause(redis);
    const startMs = performance.now();
    const [value, pausedMs] = await Promise.all([work(), redis.ping().then(() => performance.now() - startMs)]);
    if (pausedMs < PAUSE_MS / 2)
      throw new NotMeasured(`Redis took CLIENT PAUSE and answered after ${Math.round(pausedMs)} ms all the same`);
    return { value, pausedMs };
  });
}

async function pause(redis: Redis): Promise<void> {
  try {
    await redis.call('CLIENT', 'PAUSE', String(PAUSE_MS), 'ALL');
  } catch (error) {
    throw new NotMeasured(`Redis refused CLIENT PAUSE, so that no moment without an answer could be made: ${String(error)}`);
  }
}
