import { randomUUID } from 'node:crypto';
import { NotMeasured, type SuiteRun } from '../../harness/index.ts';
import { EffectWatch, isAcknowledged, sendMessage, statesOf, type Message } from './stream-ledger.ts';
import { isDelivered } from './stream-state.ts';
import { TableHold } from './table-hold.ts';
import { lookUntil } from './until.ts';

/** Messages that are in the hands of the consumer when it dies. */
const BATCH = 24;
/** Longest wait for the consumer to take what is there: within its own patience with the database, as a rule. */
const TAKEN_MS = 1_500;

/** One death of a consumer. */
export interface Kill {
  readonly service: string;
  readonly proof: string;
  readonly acknowledged: readonly Message[];
  /** Of these, given to the group and without an effect when the consumer died. */
  readonly inHand: number;
}

export interface Killing {
  readonly adminUrl: string;
  /** In which the effects are written. */
  readonly tables: readonly string[];
  readonly service: string;
}

/**
 * Kills a consumer in the middle of a batch. So that it surely is in the middle, its writes are held up: first at one message, until the
 * rest of the batch is in the stream, and again when it has read that. Then it dies, and so do its sessions: what it was about to write is
 * never written.
 */
export async function killMidBatch(run: SuiteRun, { adminUrl, tables, service }: Killing): Promise<Kill> {
  const to = { agent: randomUUID(), workspace: run.workspace() };
  await using watch = new EffectWatch(run, adminUrl);
  await using first = await TableHold.open(adminUrl, tables);
  await using second = await TableHold.open(adminUrl, tables);
  await first.take('beside');
  const messages = [await sendMessage(run, to)];
  await untilTaken(run, to.agent);
  // In the queue behind the one message, and so in time before the rest.
  const taken = second.take('after');
  const rest = async (): Promise<void> => {
    messages.push(...(await Promise.all(Array.from({ length: BATCH }, () => sendMessage(run, to)))));
    await first.release();
  };
  await Promise.all([rest(), taken]);
  await untilTaken(run, to.agent);
  const acknowledged = messages.filter(isAcknowledged);
  const fault = await run.during({ fault: 'kill', service }, async () => {
    await watch.look([to.agent]);
    const inHand = acknowledged.filter(({ value }) => watch.timesOf(value) === 0).length;
    await second.endWaiting();
    await second.release();
    return inHand;
  });
  return { service, proof: fault.proof, acknowledged, inHand: fault.value };
}

/** Until the group was given all that is in the stream, or the time is up. */
async function untilTaken(run: SuiteRun, agent: string): Promise<void> {
  const look = async (): Promise<boolean> => {
    const state = (await statesOf(run, [agent])).get(agent);
    return state !== undefined && isDelivered(state);
  };
  await lookUntil(look, (isTaken) => isTaken, { withinMs: TAKEN_MS, signal: run.signal });
}

/** @throws NotMeasured when a consumer was never killed with something in its hands: then nothing was shown. */
export function requireInHand(kills: readonly Kill[]): void {
  const idle = kills.filter(({ inHand }) => inHand === 0);
  if (idle.length < kills.length) return;
  throw new NotMeasured(
    `none of the ${kills.length} times ${[...new Set(kills.map(({ service }) => service))].join(', ')} was killed had it read a message that was not processed yet: \`stream.consumers\` may name services that do not process the stream`,
  );
}
