import { repeat, type Repeater } from '../../shared/repeat.ts';
import { handle, type Handling } from './handling.ts';
import { BATCH, type Survey } from './stream-log.ts';

export interface ConsumerDeps extends Handling {
  readonly isRedisThere: () => boolean;
  /** From this length on a stream is worth trimming. */
  readonly keep: number;
  readonly tidyEveryMs: number;
  readonly onError: (error: unknown) => void;
}

export interface StreamConsumer {
  /** Something new for this agent. */
  readonly added: (agent: string) => void;
  stop(): Promise<void>;
}

const SLOWEST_SWEEP_MS = 1000;
const PAGES_PER_TURN = 20;
/** A stream without a new message for this long, all processed, goes: each costs a look per second. */
const RETIRE_MS = 86_400_000;
const LEAVE_WITHIN_MS = 2000;

/**
 * Moves messages from the agents' streams into Postgres: stored first, acknowledged after the commit, so that a message can come
 * twice but not get lost; the message id makes the second time harmless. Goes through what it was told about at once, and through
 * all streams every second: that finds what other processes, or this one before a restart, left behind. A message that gets another
 * try comes after those that followed it.
 */
export function createConsumer(deps: ConsumerDeps): StreamConsumer {
  const fresh = new Set<string>();
  const read = new Set<string>();
  const sweepMs = Math.min(SLOWEST_SWEEP_MS, deps.retryMs);
  const [isSweepDue, isTidyDue] = [every(sweepMs), every(deps.tidyEveryMs)];
  const round = async (stopped: AbortSignal): Promise<void> => {
    if (!deps.isRedisThere()) return;
    const agents = [...fresh];
    fresh.clear();
    await eachOf(deps, agents, stopped, async (agent) => {
      read.add(agent);
      await consumeNew(deps, agent);
    });
    if (!isSweepDue()) return;
    const surveyed = await deps.log.survey();
    const open = surveyed.filter((survey) => survey.open).map(({ agent }) => agent);
    await eachOf(deps, open, stopped, async (agent) => {
      read.add(agent);
      await consumeNew(deps, agent);
      for await (const page of deps.log.takeStale(agent)) await handle(deps, agent, page);
    });
    if (!isTidyDue()) return;
    const retireBeforeMs = Date.now() - RETIRE_MS;
    const old = surveyed.filter(({ open: isOpen, lastReadMs }) => !isOpen && lastReadMs < retireBeforeMs).map(({ agent }) => agent);
    await eachOf(deps, untidy(deps, surveyed), stopped, (agent) => deps.log.tidy(agent));
    await eachOf(deps, old, stopped, (agent) => deps.log.retire(agent, retireBeforeMs));
  };
  const repeater: Repeater = repeat(round, sweepMs, deps.onError);
  return {
    added: (agent) => {
      fresh.add(agent);
      repeater.wake();
    },
    stop: async () => {
      await repeater.stop();
      if (deps.isRedisThere()) await eachOf(deps, [...read], AbortSignal.timeout(LEAVE_WITHIN_MS), (agent) => deps.log.leave(agent));
    },
  };
}

/** One agent's trouble is not another's: the rest still gets its turn. */
async function eachOf(
  deps: ConsumerDeps,
  agents: readonly string[],
  stopped: AbortSignal,
  work: (agent: string) => Promise<void>,
): Promise<void> {
  for (const agent of agents) {
    if (stopped.aborted || !deps.isRedisThere()) return;
    try {
      await work(agent);
    } catch (error) {
      deps.onError(error);
    }
  }
}

/** A stream that fills faster than it can be read must not keep the others waiting for ever. */
async function consumeNew(deps: ConsumerDeps, agent: string): Promise<void> {
  for (let page = 0; page < PAGES_PER_TURN; page++) {
    const deliveries = await deps.log.readNew(agent);
    await handle(deps, agent, deliveries);
    if (deliveries.length < BATCH) return;
  }
}

function untidy({ keep }: ConsumerDeps, surveyed: readonly Survey[]): readonly string[] {
  return surveyed.filter(({ length, consumers }) => length > keep || consumers > 1).map(({ agent }) => agent);
}

/** True at the first call and then at most once per period. */
function every(periodMs: number): () => boolean {
  let nextAtMs = 0;
  return () => {
    const nowMs = performance.now();
    if (nowMs < nextAtMs) return false;
    nextAtMs = nowMs + periodMs;
    return true;
  };
}
