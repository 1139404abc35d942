import { setTimeout as delay } from 'node:timers/promises';
import { constantRate, NotMeasured, runLoad, type Outcome, type SuiteRun } from '../../harness/index.ts';
import type { Append } from './append-ledger.ts';
import { executeOnce } from './execute-load.ts';
import { append, makeKeys, pick, readBack, type RegisterKey } from './register.ts';
import { textMix } from './texts.ts';
import { lookUntil } from './until.ts';

/** Half appends, half executes, per second; never more than the target is declared for. */
const MAX_RATE = 80;
const KEYS = 16;
/** A request that takes longer hangs, as far as its caller is concerned. */
export const PATIENCE_MS = 8_000;
const STEADY_BEFORE_MS = 1_500;
/** Traffic goes on at least this long after the store is back: writes that look well must still be there. */
const STEADY_AFTER_MS = 1_500;
const FAULT_MS = 2_500;
/** The fault stays this long when health does not notice: a little more than the time it is allowed. */
const HEALTH_LIMIT_MS = 5_200;
const HEALTH_EVERY_MS = 100;
export const RECOVERY_LIMIT_MS = 31_000;
/** So many requests in a row like before the fault are a steady state. */
const LONGEST_STREAK = 20;
const SHORTEST_STREAK = 5;
const SLOW_MS = 500;

/** One request as its caller saw it; times in ms since run start. */
export interface Sent {
  readonly atMs: number;
  readonly kind: 'append' | 'execute';
  readonly outcome: Outcome;
  readonly durationMs: number;
  /** Given up by us after PATIENCE_MS, or still without an answer. */
  readonly timedOut: boolean;
}

/** What happened when a store was stopped under load and came back. */
export interface StopStory {
  readonly appends: readonly Append[];
  readonly back: Awaited<ReturnType<typeof readBack>>;
  readonly sent: readonly Sent[];
  readonly injectedAtMs: number;
  readonly healedAtMs: number;
  readonly watchedUntilMs: number;
  readonly proof: string;
  /** Injection to the first health answer that is not well; null: it stayed well, or is not bound. */
  readonly healthNoticedMs: number | null;
  /** Set when our own load failed; the story then says nothing about the target. */
  readonly fault: string | null;
  /** So many good requests in a row are a steady state, at this rate. */
  readonly streak: number;
  /** Without a good word before the fault, a bad one during it means nothing. */
  readonly healthWellBefore: boolean;
}

/** Stops the store under a constant rate of appends and executes, brings it back, watches until things are as before, reads everything back. */
export async function stopStory(run: SuiteRun, store: 'postgres' | 'redis'): Promise<StopStory> {
  const { name } = await run.service(store);
  const streak = Math.max(SHORTEST_STREAK, Math.min(LONGEST_STREAK, Math.floor(rateOf(run))));
  const traffic = await startTraffic(run);
  try {
    await delay(STEADY_BEFORE_MS);
    if (steadySince(traffic.seen(), 0, streak) === null) throw new NotMeasured('requests did not succeed steadily even before the fault');
    const healthWellBefore = run.target.has('health') && (await run.target.health.read()).healthy;
    const fault = await run.during({ fault: 'stop', service: name }, () => whileStopped(run, healthWellBefore));
    const watchedUntilMs = await watchUntilSteady(
      run,
      fault.healedAtMs,
      () => steadySince(traffic.seen(), fault.healedAtMs, streak) !== null,
    );
    const loadFault = await traffic.stop();
    return {
      fault: loadFault,
      streak,
      appends: traffic.appends,
      sent: traffic.sent,
      back: await readBack(run, traffic.keys),
      injectedAtMs: fault.injectedAtMs,
      healedAtMs: fault.healedAtMs,
      watchedUntilMs,
      proof: fault.proof,
      healthNoticedMs: fault.value,
      healthWellBefore,
    };
  } finally {
    await traffic.stop();
  }
}

/** When, after `fromMs`, the first request of a streak of good ones was answered; null when there is no streak yet. */
export function steadySince(sent: readonly Sent[], fromMs: number, streakLength: number): number | null {
  const after = sent.filter(({ atMs }) => atMs >= fromMs).toSorted((a, b) => a.atMs - b.atMs);
  let streak: Sent[] = [];
  for (const request of after) {
    streak = request.outcome === 'ok' ? [...streak, request] : [];
    const [first] = streak;
    if (first !== undefined && streak.length >= streakLength) return first.atMs + first.durationMs;
  }
  return null;
}

/** Holds the fault, asking health all the while. Resolves with the time until health noticed. */
async function whileStopped(run: SuiteRun, askHealth: boolean): Promise<number | null> {
  const startMs = run.now();
  let noticedMs: number | null = null;
  const holdMs = (): number => (askHealth && noticedMs === null ? HEALTH_LIMIT_MS : FAULT_MS);
  while (run.now() - startMs < holdMs() && !run.signal.aborted) {
    if (askHealth && noticedMs === null && !(await run.target.health.read({}, { timeoutMs: HEALTH_LIMIT_MS, signal: run.signal })).healthy)
      noticedMs = run.now() - startMs;
    await delay(HEALTH_EVERY_MS);
  }
  return noticedMs;
}

/** Resolves when things are as before, the time is up, or nothing can get better: a service that exited on its own stays away. */
async function watchUntilSteady(run: SuiteRun, healedAtMs: number, isSteady: () => boolean): Promise<number> {
  const critical = run.spec.services.filter((service) => service.critical);
  const allRun = async (): Promise<boolean> =>
    (await Promise.all(critical.map(({ name }) => run.service(name)))).every(({ running }) => running);
  const last = await lookUntil(
    async () => {
      const nowMs = run.now();
      const isDue = nowMs - healedAtMs >= STEADY_AFTER_MS;
      return { nowMs, isOver: isDue && (isSteady() || !(await allRun())) };
    },
    ({ isOver }) => isOver,
    { withinMs: RECOVERY_LIMIT_MS, signal: run.signal },
  );
  return last.nowMs;
}

function rateOf(run: SuiteRun): number {
  return Math.min(MAX_RATE, run.spec.workload.ratePerSecond);
}

interface Traffic {
  readonly keys: readonly RegisterKey[];
  readonly appends: readonly Append[];
  readonly sent: readonly Sent[];
  /** What was sent, with those that have been waiting for an answer for some time. */
  seen(): readonly Sent[];
  /** Sends nothing more and waits for what is under way; a request that hangs is waited for until its time limit. Resolves with our own fault, if any. */
  stop(): Promise<string | null>;
}

async function startTraffic(run: SuiteRun): Promise<Traffic> {
  const keys = await makeKeys(run, KEYS);
  const sender = new Sender(run, keys);
  const ended = new AbortController();
  const load = runLoad({
    schedule: constantRate({
      perSecond: rateOf(run),
      durationMs: STEADY_BEFORE_MS + HEALTH_LIMIT_MS + RECOVERY_LIMIT_MS + 10_000,
    }),
    warmupMs: 0,
    maxInFlight: 2_048,
    timeoutMs: PATIENCE_MS,
    drainMs: PATIENCE_MS,
    agents: run.spec.workload.agents,
    signal: ended.signal,
    onWindow: ({ sentPerSecond, p95Ms }) => run.publish.load('recovery', sentPerSecond, p95Ms),
    action: ({ index, agent }) => sender.send(index, agent),
  });
  return {
    keys,
    appends: sender.appends,
    sent: sender.sent,
    seen: () => sender.seen(),
    async stop() {
      ended.abort();
      const { crashes } = await load;
      await sender.idle();
      return crashes.count === 0 ? null : `the load failed ${crashes.count} times, first: ${crashes.examples[0] ?? 'no message'}`;
    },
  };
}

/**
 * Sends appends and executes in turn and notes what became of each. Requests keep their own time limit: ending the
 * load must not cut off the ones that hang, they are what is looked for.
 */
class Sender {
  readonly appends: Append[] = [];
  readonly sent: Sent[] = [];
  readonly #run: SuiteRun;
  readonly #keys: readonly RegisterKey[];
  readonly #text: (index: number) => string;
  readonly #workspace: string;
  readonly #underWay = new Map<Promise<unknown>, Pick<Sent, 'atMs' | 'kind'>>();

  constructor(run: SuiteRun, keys: readonly RegisterKey[]) {
    this.#run = run;
    this.#keys = keys;
    this.#text = textMix(run, 2);
    this.#workspace = run.workspace();
  }

  send(index: number, agent: number): Promise<{ readonly outcome: Outcome }> {
    const kind = index % 2 === 0 ? 'append' : 'execute';
    const request = kind === 'append' ? this.#append(index / 2) : this.#execute(index, agent);
    this.#underWay.set(request, { atMs: this.#run.now(), kind });
    return request.finally(() => this.#underWay.delete(request));
  }

  /** Resolves when every request has its answer or has reached its limit. */
  async idle(): Promise<void> {
    await Promise.all(this.#underWay.keys());
  }

  /** A request that has been waiting this long is not one that succeeds as before. */
  seen(): readonly Sent[] {
    const nowMs = this.#run.now();
    const waiting = [...this.#underWay.values()].filter(({ atMs }) => nowMs - atMs > SLOW_MS);
    return [
      ...this.sent,
      ...waiting.map(({ atMs, kind }): Sent => ({ atMs, kind, outcome: 'unknown', durationMs: nowMs - atMs, timedOut: true })),
    ];
  }

  async #append(index: number): Promise<{ readonly outcome: Outcome }> {
    const atMs = this.#run.now();
    const limit = AbortSignal.timeout(PATIENCE_MS);
    const done = await append(this.#run, pick(this.#keys, index), limit);
    this.appends.push(done);
    this.sent.push({ atMs, kind: 'append', outcome: done.outcome, durationMs: this.#run.now() - atMs, timedOut: limit.aborted });
    return done;
  }

  async #execute(index: number, agent: number): Promise<{ readonly outcome: Outcome }> {
    const atMs = this.#run.now();
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const answer = await executeOnce(this.#run, {
      text: this.#text(index),
      agent: `recovery-${agent}`,
      workspace: this.#workspace,
      signal,
    });
    this.sent.push({ atMs, kind: 'execute', outcome: answer.outcome, durationMs: this.#run.now() - atMs, timedOut: signal.aborted });
    return answer;
  }
}
