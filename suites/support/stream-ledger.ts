import { randomUUID } from 'node:crypto';
import { createPostgresWitness, NotMeasured, type Outcome, type SuiteRun } from '../../harness/index.ts';
import { withRedis } from './stores.ts';
import { isDrained, readStream, standingOf, type Standing, type StreamState } from './stream-state.ts';
import { lookUntil } from './until.ts';

/** A message that was sent. Times in ms since run start. */
export interface Message {
  readonly value: string;
  readonly agent: string;
  readonly sentAtMs: number;
  readonly outcome: Outcome;
  /** When its answer was there. */
  readonly answeredAtMs: number;
}

/** Sends one message with a value of its own. */
export async function sendMessage(
  run: SuiteRun,
  { agent, workspace, signal }: { readonly agent: string; readonly workspace: string; readonly signal?: AbortSignal },
): Promise<Message> {
  const [value, sentAtMs] = [randomUUID(), run.now()];
  const { outcome } = await run.target.stream.add({ agent, value, workspace }, { signal: signal ?? run.signal });
  return { value, agent, sentAtMs, outcome, answeredAtMs: run.now() };
}

export const isAcknowledged = ({ outcome }: Message): boolean => outcome === 'ok';

/**
 * Looks in the database, past the target, which messages had their effect and when that was first seen. Dispose it: it holds connections.
 */
export class EffectWatch implements AsyncDisposable {
  readonly #run: SuiteRun;
  readonly #witness: ReturnType<typeof createPostgresWitness>;
  readonly #sql: string;
  readonly #firstSeenMs = new Map<string, number>();
  #times = new Map<string, number>();

  constructor(run: SuiteRun, adminUrl: string) {
    this.#run = run;
    this.#witness = createPostgresWitness({ url: adminUrl, timeoutMs: 5_000 });
    this.#sql = run.target.requireBinding('stream').processed;
  }

  /** When the effect was first seen; null: not yet. */
  seenAtMs(value: string): number | null {
    return this.#firstSeenMs.get(value) ?? null;
  }

  /** How often it had its effect, at the last look. */
  timesOf(value: string): number {
    return this.#times.get(value) ?? 0;
  }

  /** @throws NotMeasured when the database cannot be asked. */
  async look(agents: Iterable<string>): Promise<void> {
    const times = new Map<string, number>();
    for (const agent of new Set(agents)) for (const value of await this.inOrder(agent)) times.set(value, (times.get(value) ?? 0) + 1);
    const nowMs = this.#run.now();
    for (const value of times.keys()) if (!this.#firstSeenMs.has(value)) this.#firstSeenMs.set(value, nowMs);
    this.#times = times;
  }

  /** The values of an agent, in the order in which the statement gives them. `sql`: of `stream.processed` unless given. */
  async inOrder(agent: string, sql = this.#sql): Promise<readonly string[]> {
    const read = await this.#witness.values(sql, agent);
    if (!read.ok) throw new NotMeasured(`the database could not be asked which messages had their effect: ${read.problem}`);
    return read.values;
  }

  /** Looks until all of them had their effect or the time is up; resolves with those that had none. */
  async until(messages: readonly Message[], withinMs: number): Promise<readonly Message[]> {
    const agents = new Set(messages.map(({ agent }) => agent));
    const look = async (): Promise<readonly Message[]> => {
      await this.look(agents);
      return messages.filter(({ value }) => this.timesOf(value) === 0);
    };
    return lookUntil(look, (left) => left.length === 0, { withinMs, signal: this.#run.signal });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#witness[Symbol.asyncDispose]();
  }
}

/** The agents' streams as Redis has them. @throws NotMeasured when it cannot be asked. */
export async function statesOf(run: SuiteRun, agents: Iterable<string>): Promise<ReadonlyMap<string, StreamState>> {
  const binding = run.target.requireBinding('stream');
  const url = await run.adminUrl('redis');
  try {
    return await withRedis(url, async (redis) => {
      const states = new Map<string, StreamState>();
      for (const agent of new Set(agents)) states.set(agent, await readStream(redis, binding, agent));
      return states;
    });
  } catch (error) {
    throw new NotMeasured(`Redis could not be asked what became of the messages: ${String(error)}`);
  }
}

/** Looks until nothing is waiting in the streams and nothing is in the hands of a consumer, or the time is up. */
export function untilDrained(run: SuiteRun, agents: readonly string[], withinMs: number): Promise<ReadonlyMap<string, StreamState>> {
  const done = (states: ReadonlyMap<string, StreamState>): boolean => [...states.values()].every(isDrained);
  return lookUntil(() => statesOf(run, agents), done, { withinMs, signal: run.signal });
}

export interface Stranded extends Message {
  readonly standing: Standing;
}

/** Where those are that had no effect, even when all is said: what is processed just now looks as if it had been dropped. */
export async function strandedOf(run: SuiteRun, unprocessed: readonly Message[]): Promise<readonly Stranded[]> {
  if (unprocessed.length === 0) return [];
  const agents = unprocessed.map(({ agent }) => agent);
  await using watch = new EffectWatch(run, await run.adminUrl('postgres'));
  const states = await statesOf(run, agents);
  await watch.look(agents);
  return unprocessed
    .filter(({ value }) => watch.timesOf(value) === 0)
    .map((message) => {
      const state = states.get(message.agent);
      return { ...message, standing: state === undefined ? 'gone' : standingOf(message.value, state) };
    });
}

const WORDS: Readonly<Record<Standing, string>> = {
  pending: 'is still pending in the group',
  unread: 'was not even read by the group',
  gone: 'is not in the stream any more',
  dropped: 'is in the stream, and the group has acknowledged it',
};

/** A sentence about one of them, for who looks for it. */
export function wordsOf({ value, agent, standing, answeredAtMs }: Stranded): string {
  return `message ${value} to ${agent}, acknowledged at ${Math.round(answeredAtMs)} ms of the run, had no effect and ${WORDS[standing]}`;
}
