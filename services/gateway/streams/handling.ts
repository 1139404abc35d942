import { decodeEntry, workspaceOfFields, type StreamMessage } from './decode.ts';
import type { MessageStore } from './message-store.ts';
import { streamOf } from './names.ts';
import type { Delivery, Letter, StreamLog } from './stream-log.ts';

export interface Handling {
  readonly log: StreamLog;
  readonly store: MessageStore;
  /** The wait after the first failed try; it doubles with each. */
  readonly retryMs: number;
}

const TRIES = 3;
const LONGEST_RETRY_MS = 60_000;

interface Failure {
  readonly delivery: Delivery;
  readonly reason: string;
}

export interface Sorted {
  /** To be stored, with the delivery of each. */
  readonly messages: readonly { readonly message: StreamMessage; readonly delivery: Delivery }[];
  readonly expired: readonly Delivery[];
  readonly unreadable: readonly Delivery[];
  /** Deleted meanwhile: nothing is left to do. */
  readonly gone: readonly string[];
}

/** How long after the n-th failed try the next one comes. */
export function retryDelayMs(retryMs: number, tries: number): number {
  return Math.min(LONGEST_RETRY_MS, retryMs * 2 ** (tries - 1));
}

/** The longest wait that comes up before a message is dead. */
export function longestRetryMs(retryMs: number): number {
  return retryDelayMs(retryMs, TRIES - 1);
}

export function sortDeliveries(deliveries: readonly Delivery[], nowMs: number): Sorted {
  const present = deliveries.filter(({ entry: [, fields] }) => fields !== null);
  const decoded = present.map((delivery) => ({ delivery, message: decodeEntry(delivery.entry) }));
  const readable = decoded.flatMap(({ delivery, message }) => (message === null ? [] : [{ delivery, message }]));
  const isExpired = ({ expiresAtMs }: StreamMessage): boolean => expiresAtMs !== null && expiresAtMs <= nowMs;
  return {
    messages: readable.filter(({ message }) => !isExpired(message)),
    expired: readable.filter(({ message }) => isExpired(message)).map(({ delivery }) => delivery),
    unreadable: decoded.filter(({ message }) => message === null).map(({ delivery }) => delivery),
    gone: deliveries.filter(({ entry: [, fields] }) => fields === null).map(({ entry: [id] }) => id),
  };
}

/**
 * Stores what can be stored and acknowledges it after the commit. What cannot be read or stored gets another try, later, and goes to
 * the dead letters after the third; what is past its time goes there at once. While the database is away nothing counts as a try:
 * everything is given back. @throws when the database or Redis is away.
 */
export async function handle(handling: Handling, agent: string, deliveries: readonly Delivery[]): Promise<void> {
  const { log, store } = handling;
  const { messages, expired, unreadable, gone } = sortDeliveries(deliveries, Date.now());
  const refused = await storeOrGiveBack(handling, agent, { deliveries, messages: messages.map(({ message }) => message), store });
  const reasons = new Map(refused.map(({ message, reason }) => [message.streamId, reason]));
  const stored = messages.filter(({ message }) => !reasons.has(message.streamId)).map(({ message }) => message.streamId);
  await log.acknowledge(agent, [...stored, ...gone]);
  for (const delivery of expired) await log.bury(agent, letterOf(agent, { delivery, reason: 'expired' }));
  const failures: readonly Failure[] = [
    ...unreadable.map((delivery) => ({ delivery, reason: 'not a message' })),
    ...messages.flatMap(({ message, delivery }) => {
      const reason = reasons.get(message.streamId);
      return reason === undefined ? [] : [{ delivery, reason }];
    }),
  ];
  for (const failure of failures) await settle(handling, agent, failure);
}

interface Batch {
  readonly deliveries: readonly Delivery[];
  readonly messages: readonly StreamMessage[];
  readonly store: MessageStore;
}

async function storeOrGiveBack({ log }: Handling, agent: string, { deliveries, messages, store }: Batch) {
  try {
    return await store.store(agent, messages);
  } catch (error) {
    await log.giveBack(
      agent,
      deliveries.map(({ entry: [id] }) => id),
    );
    throw error;
  }
}

async function settle({ log, retryMs }: Handling, agent: string, failure: Failure): Promise<void> {
  const { delivery } = failure;
  if (delivery.tries < TRIES) await log.retryLater(agent, delivery, retryDelayMs(retryMs, delivery.tries));
  else await log.bury(agent, letterOf(agent, failure));
}

/** Everything that a replay needs, and why there is something to replay. */
function letterOf(agent: string, { delivery: { entry, tries }, reason }: Failure): Letter {
  const [entryId, fields] = entry;
  const flat = fields ?? [];
  return {
    entryId,
    fields: {
      stream: streamOf(agent),
      stream_id: entryId,
      message_id: decodeEntry(entry)?.messageId ?? '',
      workspace_id: workspaceOfFields(flat),
      reason: reason.slice(0, 500),
      tries: String(tries),
      dead_at: new Date().toISOString(),
      fields: JSON.stringify(flat),
    },
  };
}
