import { randomUUID } from 'node:crypto';
import {
  checkInWorker,
  closedLoop,
  HistoryRecorder,
  type Judgement,
  type ListAction,
  type Outcome,
  type OperationOutcome,
  type SuiteRun,
} from '../../harness/index.ts';
import type { Append } from './append-ledger.ts';
import { loopFault } from './loop-fault.ts';
import { append, makeKeys, pick, readBack, type RegisterKey } from './register.ts';
import { lookUntil } from './until.ts';

/** With fewer there is nothing to contend. */
const FEWEST_AGENTS = 8;
/** Appends per key: reads grow with it, and the history with their sum. */
const PER_KEY = 60;
/** Of ten operations so many are reads. */
const READS_OF_TEN = 3;
/** What was acknowledged must show within this time after the last append; every look is part of the history. */
const SETTLE_MS = 3_000;

export interface RegisterHistory {
  readonly judgement: Judgement;
  readonly appends: readonly Append[];
  readonly shown: ReadonlyMap<string, readonly string[]>;
  readonly stored: ReadonlyMap<string, readonly string[]> | null;
  /** Reads in the history whose answer was seen. */
  readonly reads: number;
  /** Our own, if any. */
  readonly fault: string | null;
}

/** Many agents append to one key and read it at the same time, key after key, then everybody's values are read back. */
export async function recordRegister(run: SuiteRun, total: number): Promise<RegisterHistory> {
  const keys = await makeKeys(run, Math.ceil(total / PER_KEY));
  const agents = Math.max(FEWEST_AGENTS, run.spec.workload.agents);
  const recorder = new HistoryRecorder<ListAction>(() => run.now());
  const appends: Append[] = [];
  const perAgent = Math.ceil(total / (1 - READS_OF_TEN / 10) / agents);
  const rounds = Math.ceil(perAgent / keys.length);
  const result = await closedLoop({
    agents,
    perAgent,
    timeoutMs: 10_000,
    signal: run.signal,
    action: async ({ index, agent }, signal) => {
      const round = Math.floor(index / agents);
      const key = pick(keys, Math.floor(round / rounds));
      // Agents are out of step, so that some read while others append.
      if ((round * 7 + agent * 3) % 10 < READS_OF_TEN) return { outcome: await readOnce(run, { recorder, key, session: agent, signal }) };
      const seen = await recorder.record(agent, async () => {
        const done = await append(run, key, signal);
        appends.push(done);
        return { outcome: outcomeOf(done.outcome), action: { parts: [{ kind: 'append', key: key.key, value: done.value }] } };
      });
      return { outcome: seen.outcome === 'ok' ? 'ok' : 'unknown' };
    },
  });
  await settle(run, { keys, appends, recorder, agents });
  const { shown, stored } = await readBack(run, keys);
  return {
    judgement: await checkInWorker({
      model: 'list',
      stalenessMs: run.spec.bindings.register?.read.stalenessMs ?? 0,
      operations: recorder.operations,
    }),
    appends,
    shown,
    stored,
    reads: recorder.operations.filter(({ action, outcome }) => outcome === 'ok' && action.parts[0]?.kind === 'read').length,
    fault: loopFault(result),
  };
}

interface Reading {
  readonly recorder: HistoryRecorder<ListAction>;
  readonly key: RegisterKey;
  readonly session: number;
  readonly signal?: AbortSignal;
}

async function readOnce(run: SuiteRun, { recorder, key, session, signal }: Reading): Promise<Outcome> {
  let outcome: Outcome = 'unknown';
  await recorder.record(session, async () => {
    const read = await run.target.register.read({ workspace: key.workspace, key: key.key, op: randomUUID() }, signal ? { signal } : {});
    outcome = read.outcome;
    return { outcome: read.values === null ? 'unknown' : 'ok', action: { parts: [{ kind: 'read', key: key.key, values: read.values }] } };
  });
  return outcome;
}

interface Settling {
  readonly keys: readonly RegisterKey[];
  readonly appends: readonly Append[];
  readonly recorder: HistoryRecorder<ListAction>;
  readonly agents: number;
}

/** Reads until everything acknowledged shows, at most for a while: what is only late is stale, what never comes is lost. */
async function settle(run: SuiteRun, { keys, appends, recorder, agents }: Settling): Promise<void> {
  const acknowledged = appends.filter(({ outcome }) => outcomeOf(outcome) === 'ok').map(({ value }) => value);
  await lookUntil(
    async () => {
      const from = recorder.operations.length;
      for (const key of keys) await readOnce(run, { recorder, key, session: agents });
      return new Set(
        recorder.operations
          .slice(from)
          .flatMap(({ action: { parts } }) => parts.flatMap((part) => (part.kind === 'read' ? (part.values ?? []) : []))),
      );
    },
    (seen) => acknowledged.every((value) => seen.has(value)),
    { withinMs: SETTLE_MS, signal: run.signal },
  );
}

/** 429 and 503 are not definite: a commit whose answer was lost is honestly answered 503. What is `wrong` may have happened. */
function outcomeOf(outcome: Outcome): OperationOutcome {
  if (outcome === 'ok' || outcome === 'degraded') return 'ok';
  return outcome === 'rejected' ? 'fail' : 'unknown';
}
