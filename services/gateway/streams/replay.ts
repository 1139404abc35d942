import type { Redis } from 'ioredis';
import { ServiceError } from '../../shared/service-error.ts';
import { needingRedis } from '../redis/errors.ts';
import { recordOf, workspaceOfFields, type StreamEntry } from './decode.ts';
import { lettersOf } from './dead-letters.ts';
import { AGENTS_WITH_STREAM, agentOf, deadLettersOf, groupOf, isDeadLetters, streamOf } from './names.ts';
import { REVIVE } from './scripts.ts';

export interface ReplayRequest {
  readonly workspaceId: string;
  /** `agent_messages:{agent}`: processed entries again; `dlq:agent_messages:{agent}`: dead letters. */
  readonly stream: string;
  readonly fromId: string;
  readonly toId: string;
  readonly count: number;
}

export interface Replayed {
  /** Entries looked at. */
  readonly read: number;
  readonly replayed: number;
  /** Where the next replay goes on; null: the range is done. */
  readonly next_id: string | null;
}

/**
 * Puts entries of the range into the agent's stream once more, under new ids and with their message id: what was stored before is
 * not stored again, so that a replay may be repeated. A dead letter leaves the dead letters; its time to live does not count again.
 * @throws ServiceError dependency_unavailable or rate_limited (the stream is full).
 */
export async function replay(redis: Redis, maxLength: number, request: ReplayRequest): Promise<Replayed> {
  return needingRedis(async () => {
    const { stream, fromId, toId, count } = request;
    const entries = await redis.xrange(stream, fromId, toId, 'COUNT', count);
    const again = isDeadLetters(stream) ? lettersAgain(entries, request) : await processedAgain(redis, entries, request);
    let replayed = 0;
    for (const entry of again) replayed += await putBack(redis, maxLength, agentOf(stream), entry);
    const last = entries.at(-1)?.[0];
    return { read: entries.length, replayed, next_id: entries.length === count && last !== undefined ? idAfter(last) : null };
  });
}

interface Again {
  /** The letter it replaces; null: it stays where it is. */
  readonly letterId: string | null;
  readonly fields: readonly string[];
}

function lettersAgain(entries: readonly (readonly [string, readonly string[]])[], { workspaceId }: ReplayRequest): readonly Again[] {
  return lettersOf(workspaceId, entries).map(({ id, fields }) => ({ letterId: id, fields: withoutTtl(fields) }));
}

/** What is still to be processed comes by itself. */
async function processedAgain(redis: Redis, entries: readonly StreamEntry[], request: ReplayRequest): Promise<readonly Again[]> {
  if (entries.length === 0) return [];
  const agent = agentOf(request.stream);
  const groups = ((await redis.xinfo('GROUPS', request.stream)) as readonly (readonly unknown[])[]).map((group) => recordOf(group));
  const own = groups.find(({ name }) => name === groupOf(agent));
  if (own === undefined) return [];
  const delivered = own['last-delivered-id'] as string;
  const ends = [entries[0]?.[0] ?? '-', entries.at(-1)?.[0] ?? '+'] as const;
  const pending = await redis.xpending(request.stream, groupOf(agent), ...ends, entries.length);
  const open = new Set((pending as readonly (readonly [string])[]).map(([id]) => id));
  return entries.flatMap(([id, fields]) => {
    const isProcessed = !open.has(id) && compareIds(id, delivered) <= 0;
    const isOwn = fields !== null && workspaceOfFields(fields) === request.workspaceId;
    return isProcessed && isOwn ? [{ letterId: null, fields: withoutTtl(fields) }] : [];
  });
}

async function putBack(redis: Redis, maxLength: number, agent: string, { letterId, fields }: Again): Promise<number> {
  const stream = streamOf(agent);
  if (fields.length === 0) return 0;
  const keys = [stream, deadLettersOf(agent), AGENTS_WITH_STREAM];
  const moved = Number(await redis.eval(REVIVE, keys.length, ...keys, agent, letterId ?? '', maxLength, ...fields));
  if (moved >= 0) return moved;
  throw new ServiceError('rate_limited', `stream ${stream} is full; the rest of the range was not replayed`, { retryAfterMs: 1000 });
}

/** Whoever asks for it now wants it processed, however old it is. */
function withoutTtl(fields: readonly string[]): readonly string[] {
  return fields.filter((_, index) => fields[index - (index % 2)] !== 'ttl_s');
}

export function compareIds(a: string, b: string): number {
  const [ams = '0', an = '0'] = a.split('-');
  const [bms = '0', bn = '0'] = b.split('-');
  const difference = BigInt(ams) - BigInt(bms) || BigInt(an) - BigInt(bn);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

export function idAfter(id: string): string {
  const [ms = '0', n = '0'] = id.split('-');
  return `${ms}-${BigInt(n) + 1n}`;
}
