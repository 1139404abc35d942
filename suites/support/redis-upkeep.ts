import type { Redis } from 'ioredis';
import { NotMeasured } from '../../harness/index.ts';
import { withRedis } from './stores.ts';

/** Of a bigger Redis only so many keys are looked at. */
const MOST_KEYS = 50_000;
const PAGE = 1_000;
/** A name of ours in CLIENT LIST. */
const OWN = / name=muster/u;
/** Commands that go through all there is while everybody waits. */
const SWEEPING = ['keys', 'flushall', 'flushdb'];
/** A mean over fewer calls may be one bad moment of the machine. */
const FEWEST_CALLS = 5;
const SLOW_MEAN_MS = 10;

/** What a command has cost since the server was started, or in between two looks. */
export interface CommandCost {
  readonly calls: number;
  readonly totalMs: number;
}

export type CommandCosts = ReadonlyMap<string, CommandCost>;

/** Asks Redis. @throws NotMeasured with what it was asked for when it refuses. */
export async function askRedis<T>(url: string, what: string, work: (redis: Redis) => Promise<T>): Promise<T> {
  try {
    return await withRedis(url, work);
  } catch (error) {
    if (error instanceof NotMeasured) throw error;
    throw new NotMeasured(`Redis could not be asked for ${what}: ${String(error)}; the way in needs a user that may`);
  }
}

/** Keys of a pattern, each once; `isAll` false: there are more. */
export async function keysLike(redis: Redis, pattern: string): Promise<{ readonly keys: readonly string[]; readonly isAll: boolean }> {
  const keys = new Set<string>();
  let cursor = '0';
  do {
    const [next, page] = await redis.scan(cursor, 'MATCH', pattern, 'COUNT', PAGE);
    for (const key of page) keys.add(key);
    cursor = next;
  } while (cursor !== '0' && keys.size < MOST_KEYS);
  return { keys: [...keys], isAll: cursor === '0' };
}

/** One answer per key, asked for a page at a time. A key that went meanwhile has the answer that Redis gives for none. */
export async function ofEach(redis: Redis, keys: readonly string[], command: readonly string[]): Promise<readonly number[]> {
  const answers: number[] = [];
  for (let at = 0; at < keys.length; at += PAGE) {
    const pipeline = redis.pipeline();
    const [name = '', ...rest] = command;
    for (const key of keys.slice(at, at + PAGE)) pipeline.call(name, ...rest, key);
    for (const [error, answer] of (await pipeline.exec()) ?? []) {
      if (error !== null) throw error;
      answers.push(Number(answer ?? 0));
    }
  }
  return answers;
}

/** Connections, ours left out, with the names they gave themselves. */
export interface RedisClients {
  /** Of the target: of the user and in the database that its address names. */
  readonly target: readonly string[];
  /** Of whoever else works on the same server. */
  readonly others: readonly string[];
}

export async function clientsOf(redis: Redis, targetUrl: string): Promise<RedisClients> {
  return clientsIn(String(await redis.client('LIST')), targetUrl);
}

/** Pure. From the answer to CLIENT LIST. Where nobody is as the address says, nobody can be told apart by it: then all are the target's. */
export function clientsIn(list: string, targetUrl: string): RedisClients {
  const { username, pathname } = new URL(targetUrl);
  const [user, database] = [decodeURIComponent(username) || 'default', /^\/(\d+)$/u.exec(pathname)?.[1] ?? '0'];
  const lines = list.split('\n').filter((line) => line.trim() !== '' && !OWN.test(line));
  const field = (line: string, name: string): string | undefined => new RegExp(` ${name}=(\\S*)`, 'u').exec(line)?.[1];
  const nameOf = (line: string): string => field(line, 'name') ?? '';
  const isTargets = (line: string): boolean => (field(line, 'user') ?? user) === user && field(line, 'db') === database;
  const own = lines.filter(isTargets);
  if (own.length === 0) return { target: lines.map(nameOf), others: [] };
  return { target: own.map(nameOf), others: lines.filter((line) => !isTargets(line)).map(nameOf) };
}

export async function commandCosts(redis: Redis): Promise<CommandCosts> {
  return costsIn(await redis.info('commandstats'));
}

/** Pure. From the answer to INFO commandstats; a command of a container (`client|list`) is one of its own. */
export function costsIn(info: string): CommandCosts {
  const lines = info.matchAll(/^cmdstat_([^:]+):calls=(\d+),usec=(\d+)/gmu);
  return new Map(
    [...lines].map(([, name = '', calls, usec]) => [name.toLowerCase(), { calls: Number(calls), totalMs: Number(usec) / 1000 }]),
  );
}

/** Pure. What was added between two looks. After a restart of the server all there is was added. */
export function costsBetween(before: CommandCosts, after: CommandCosts): CommandCosts {
  const isRestarted = [...before].some(([name, { calls }]) => (after.get(name)?.calls ?? 0) < calls);
  if (isRestarted) return after;
  const added = [...after].map(([name, { calls, totalMs }]) => {
    const from = before.get(name) ?? { calls: 0, totalMs: 0 };
    return [name, { calls: calls - from.calls, totalMs: totalMs - from.totalMs }] as const;
  });
  return new Map(added.filter(([, { calls }]) => calls > 0));
}

/** Pure. One sentence for each command that should not be, with how often it came. */
export function costlyCommands(costs: CommandCosts): readonly { readonly count: number; readonly sentence: string }[] {
  return [...costs].flatMap(([name, { calls, totalMs }]) => {
    const meanMs = totalMs / Math.max(1, calls);
    const took = `${calls} × ${name.toUpperCase()}, ${meanMs.toFixed(2)} ms each`;
    if (SWEEPING.includes(name)) return [{ count: calls, sentence: `${took}: goes through all that is there while everybody waits` }];
    const isSlow = calls >= FEWEST_CALLS && meanMs >= SLOW_MEAN_MS;
    return isSlow ? [{ count: calls, sentence: `${took}: everybody else waits that long` }] : [];
  });
}

type SlowEntry = readonly [id: number, at: number, micros: number, words: readonly string[], address: string, client?: string];

/** Pure. What each round left behind at least, over all of them: what is opened once, on demand, stops growing; what is never closed does not. */
export function growthOf(afterEachRound: readonly number[]): number {
  const steps = afterEachRound.slice(1).map((count, index) => count - (afterEachRound[index] ?? 0));
  return steps.length === 0 ? 0 : Math.max(0, Math.min(...steps)) * steps.length;
}

/** The slowest commands of others that Redis noted down, for who looks for them; without what was written, which is nobody's business here. */
export async function slowLog(redis: Redis, most: number): Promise<readonly string[]> {
  const entries = (await redis.call('SLOWLOG', 'GET', '128')) as readonly SlowEntry[];
  return entries
    .filter(([, , , , , client = '']) => !client.startsWith('muster'))
    .toSorted(([, , one], [, , other]) => other - one)
    .slice(0, most)
    .map(([, , micros, words, , client = '']) => {
      const who = client === '' ? 'without a name' : client;
      const rest = words.length > 2 ? ` and ${words.length - 2} more words` : '';
      return `${(micros / 1000).toFixed(1)} ms: ${words.slice(0, 2).join(' ').slice(0, 120)}${rest} (client ${who})`;
    });
}
