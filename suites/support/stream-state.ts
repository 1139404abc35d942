import type { Redis } from 'ioredis';
import { fillText, type SuiteRun } from '../../harness/index.ts';

export type StreamBinding = NonNullable<SuiteRun['spec']['bindings']['stream']>;

/** No stream of a check is longer; of one that all agents share the newest are looked at. */
const MOST_ENTRIES = 5_000;

interface Entry {
  readonly id: string;
  /** All that it holds, in one text: which field is which only the target knows. */
  readonly text: string;
}

/** One agent's stream and its group, as Redis has them at one moment. */
export interface StreamState {
  readonly key: string;
  readonly entries: readonly Entry[];
  /** The last entry that the group was given; 0-0: none, or there is no group yet. */
  readonly delivered: string;
  /** Given to a consumer and not acknowledged. */
  readonly pending: ReadonlySet<string>;
  /** How many were added that the group was not given, whether they are still there or not; null: nobody counts them. */
  readonly unread: number | null;
}

/** Where a message is that has had no effect. */
export type Standing =
  /** In the hands of a consumer, dead or alive. */
  | 'pending'
  | 'unread'
  /** Not in the stream any more. */
  | 'gone'
  /** In the stream, acknowledged by the group: nobody will look at it again. */
  | 'dropped';

/** When a target does not say: consumers that look for what others have left do so more often. */
const SETTLES_MS = 30_000;

/** By then what was left pending is taken over, and what can never be processed given up. */
export function settlesMsOf({ settlesMs }: StreamBinding): number {
  return settlesMs ?? SETTLES_MS;
}

export function keyOf(binding: StreamBinding, agent: string): string {
  return fillText(binding.key, { agent });
}

export async function readStream(redis: Redis, binding: StreamBinding, agent: string): Promise<StreamState> {
  const [key, group] = [keyOf(binding, agent), fillText(binding.group, { agent })];
  const nothing = { key, entries: [], delivered: '0-0', pending: new Set<string>(), unread: 0 };
  if ((await redis.exists(key)) === 0) return nothing;
  // In this order, so that what is added and read meanwhile never looks as if it had been removed.
  const [info, newest, groups] = await Promise.all([
    redis.xinfo('STREAM', key),
    redis.xrevrange(key, '+', '-', 'COUNT', MOST_ENTRIES),
    redis.xinfo('GROUPS', key) as Promise<readonly unknown[]>,
  ]);
  const own = groups.map(recordOf).find(({ name }) => name === group);
  const added = newest.length < MOST_ENTRIES ? numberOf(recordOf(info)['entries-added']) : null;
  const texts = newest.toReversed().map(([id, fields]) => ({ id, text: fields.join(' ') }));
  // Where others read, a group that is not there says nothing of what was read.
  if (own === undefined) return { ...nothing, entries: texts, unread: groups.length === 0 ? added : null };
  const pending = (await redis.xpending(key, group, '-', '+', MOST_ENTRIES)) as readonly (readonly [string])[];
  const read = numberOf(own['entries-read']);
  return {
    key,
    entries: texts,
    delivered: String(own['last-delivered-id']),
    pending: new Set(pending.map(([id]) => id)),
    unread: added === null || read === null ? null : added - read,
  };
}

/** Pure. For a message without an effect. */
export function standingOf(value: string, { entries, delivered, pending }: Omit<StreamState, 'key' | 'unread'>): Standing {
  const entry = entries.find(({ text }) => text.includes(value));
  if (entry === undefined) return 'gone';
  if (pending.has(entry.id)) return 'pending';
  return isAfter(entry.id, delivered) ? 'unread' : 'dropped';
}

/** Pure. Entries that nobody was given and that are not there any more; null: nobody says how many there were. */
export function trimmedUnread({ entries, delivered, unread }: Omit<StreamState, 'pending'>): number | null {
  if (unread === null) return null;
  return Math.max(0, unread - entries.filter(({ id }) => isAfter(id, delivered)).length);
}

/** Pure. Whether the group was given all that is in the stream. */
export function isDelivered({ entries, delivered }: StreamState): boolean {
  const last = entries.at(-1);
  return last !== undefined && !isAfter(last.id, delivered);
}

/** Pure. Nothing is waiting for a consumer, nothing is in the hands of one. */
export function isDrained(state: StreamState): boolean {
  return state.pending.size === 0 && (state.entries.length === 0 || isDelivered(state));
}

/** Pure. Ids are `<ms>-<n>`, of any length. */
export function isAfter(id: string, other: string): boolean {
  const [ms, n] = partsOf(id);
  const [otherMs, otherN] = partsOf(other);
  return ms === otherMs ? n > otherN : ms > otherMs;
}

function partsOf(id: string): readonly [bigint, bigint] {
  const [ms = '0', n = '0'] = id.split('-');
  return [BigInt(ms), BigInt(n)];
}

/** Redis answers with name and value in turn, or, asked by RESP3, with a map. */
function recordOf(reply: unknown): Readonly<Record<string, unknown>> {
  if (!Array.isArray(reply)) return typeof reply === 'object' && reply !== null ? { ...reply } : {};
  const flat: readonly unknown[] = reply;
  return Object.fromEntries(flat.flatMap((name, index) => (index % 2 === 0 ? [[String(name), flat[index + 1]]] : [])));
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
