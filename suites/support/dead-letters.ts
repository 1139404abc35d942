import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { fillText, NotMeasured, type SuiteRun } from '../../harness/index.ts';
import { withRedis } from './stores.ts';
import { EffectWatch, isAcknowledged, sendMessage, statesOf, type Message } from './stream-ledger.ts';
import { keyOf, settlesMsOf, standingOf, type Standing } from './stream-state.ts';
import { lookUntil } from './until.ts';

const MOST = 10_000;

/** What became of a message that cannot be processed, and of those around it. */
export interface Poisoned {
  readonly value: string;
  readonly key: string;
  /** It is among the dead letters. */
  readonly isKept: boolean;
  /** Where it is in the stream. */
  readonly standing: Standing;
  /** Sent before and after it, acknowledged and without an effect. */
  readonly blocked: readonly Message[];
  readonly around: number;
}

export interface Poison {
  readonly agent: string;
  readonly value: string;
  readonly around: readonly Message[];
}

/** Writes entries that can never be processed into streams of their own, each with good messages before and behind it. */
export async function poison(run: SuiteRun, count: number): Promise<readonly Poison[]> {
  const binding = run.target.requireBinding('stream');
  if (!Object.values(binding.poison ?? {}).some((text) => text.includes('${value}')))
    throw new NotMeasured('no field of `stream.poison` carries `${value}`, by which an entry is found again');
  const [url, workspace] = [await run.adminUrl('redis'), run.workspace()];
  const one = async (): Promise<Poison> => {
    const [agent, value] = [randomUUID(), randomUUID()];
    const before = await sendMessage(run, { agent, workspace });
    const fields = Object.entries(binding.poison ?? {}).flatMap(([name, text]) => [name, fillText(text, { agent, value })]);
    await withRedis(url, (redis) => redis.xadd(keyOf(binding, agent), '*', ...fields));
    const after = await sendMessage(run, { agent, workspace });
    return { agent, value, around: [before, after].filter(isAcknowledged) };
  };
  try {
    return await Promise.all(Array.from({ length: count }, one));
  } catch (error) {
    throw new NotMeasured(`Redis did not take an entry that cannot be processed: ${String(error)}`);
  }
}

/** Waits until each is among the dead letters or nowhere any more, or the time is up. */
export async function whatBecameOf(run: SuiteRun, poisons: readonly Poison[], adminUrl: string): Promise<readonly Poisoned[]> {
  await using watch = new EffectWatch(run, adminUrl);
  const agents = poisons.map(({ agent }) => agent);
  const isSettled = ({ isKept, standing, blocked }: Poisoned): boolean =>
    (isKept || standing === 'dropped' || standing === 'gone') && blocked.length === 0;
  const look = async (): Promise<readonly Poisoned[]> => {
    await watch.look(agents);
    return seenNow(run, poisons, watch);
  };
  return await lookUntil(look, (all) => all.every(isSettled), {
    withinMs: settlesMsOf(run.target.requireBinding('stream')),
    signal: run.signal,
  });
}

async function seenNow(run: SuiteRun, poisons: readonly Poison[], watch: EffectWatch): Promise<readonly Poisoned[]> {
  const binding = run.target.requireBinding('stream');
  // First where it is in the stream, then the dead letters: it may only move that way.
  const states = await statesOf(
    run,
    poisons.map(({ agent }) => agent),
  );
  return withRedis(await run.adminUrl('redis'), async (redis) => {
    const found: Poisoned[] = [];
    for (const { agent, value, around } of poisons) {
      const state = states.get(agent);
      const key = fillText(binding.deadLetters ?? '', { agent });
      const isKept = (await textsAt(redis, key)).some((text) => text.includes(value));
      const blocked = around.filter((message) => watch.timesOf(message.value) === 0);
      found.push({ value, key, isKept, standing: state === undefined ? 'gone' : standingOf(value, state), blocked, around: around.length });
    }
    return found;
  });
}

/** All that a key holds, whatever its type is. */
export async function textsAt(redis: Redis, key: string): Promise<readonly string[]> {
  switch (await redis.type(key)) {
    case 'stream':
      return (await redis.xrevrange(key, '+', '-', 'COUNT', MOST)).map(([, fields]) => fields.join(' '));
    case 'list':
      return redis.lrange(key, -MOST, -1);
    case 'zset':
      return redis.zrange(key, String(-MOST), '-1');
    case 'set':
      return redis.smembers(key);
    case 'hash':
      return Object.entries(await redis.hgetall(key)).flat();
    case 'string':
      return [(await redis.get(key)) ?? ''];
    default:
      return [];
  }
}
