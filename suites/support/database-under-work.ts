import { constantRate, NotMeasured, postgresSampler, runLoad, type LoadResult, type SuiteRun, type Witness } from '../../harness/index.ts';
import { executeOnce } from './execute-load.ts';
import { loopFault } from './loop-fault.ts';
import { observerCost, readTargetCpu, type TargetCpu } from './observer-cost.ts';
import { append, makeKeys, pick } from './register.ts';
import type { Counts } from './statement-counts.ts';
import { watchStatements } from './statements.ts';
import { sessionsTold, targetSessions } from './target-sessions.ts';
import { textMix } from './texts.ts';

/** Often enough to see what stays as it is for a quarter of a second, seldom enough to cost the server little. */
const SAMPLE_EVERY_MS = 100;

/** The counts of the statements that were asked meanwhile, or the sentence why there are none. */
type Counted = { readonly counts: Counts } | { readonly missing: string };

type Activity = NonNullable<ReturnType<typeof postgresSampler>['samples'][number]['activity']>;

export interface UnderWork {
  readonly samples: readonly Activity[];
  /** Whose they are, for a person. */
  readonly sessions: string;
  readonly counted: Counted;
  /** What looking has cost the server. */
  readonly cost: Witness;
  readonly fault: string | null;
}

/** Work that must reach the database and the model: new texts, appends; observed from an own connection. */
export async function databaseUnderWork(run: SuiteRun): Promise<UnderWork> {
  const server = await run.service('postgres');
  const adminUrl = await run.adminUrl('postgres');
  const sessions = await targetSessions(run, adminUrl);
  const sampler = postgresSampler({ connectionString: adminUrl, intervalMs: SAMPLE_EVERY_MS, ...sessions });
  const cpuBefore = await readTargetCpu(run, null);
  let cpuAfter: TargetCpu | null = null;
  let worked: { readonly load: LoadResult; readonly counted: Counted };
  try {
    worked = await counting(run, server.url);
    cpuAfter = await readTargetCpu(run, sampler.samples.at(-1)?.activity?.observerPid ?? null);
  } finally {
    await sampler.stop();
  }
  const { load, counted } = worked;
  const done = load.byOutcome.ok + load.byOutcome.degraded;
  if (done < load.scheduled / 2)
    throw new NotMeasured(`only ${done} of ${load.scheduled} requests did their work: too little to see transactions`);
  const samples = sampler.samples.flatMap(({ activity }) => (activity === null ? [] : [activity]));
  if (samples.length === 0) throw new NotMeasured(`Postgres could not be observed: ${sampler.samples[0]?.error ?? 'no sample'}`);
  return { samples, sessions: sessionsTold(sessions), counted, cost: observerCost(cpuBefore, cpuAfter), fault: loopFault(load) };
}

/** Without the counts of statements the rest can be seen all the same. */
async function counting(run: SuiteRun, serviceUrl: string): Promise<{ readonly load: LoadResult; readonly counted: Counted }> {
  const adminUrl = await run.adminUrl('postgres');
  let missing: string;
  try {
    await using statements = await watchStatements({ adminUrl, serviceUrl });
    const { value: load, counts } = await statements.during(() => work(run));
    return { load, counted: { counts } };
  } catch (error) {
    if (!(error instanceof NotMeasured)) throw error;
    missing = error.message;
  }
  return { load: await work(run), counted: { missing } };
}

async function work(run: SuiteRun): Promise<LoadResult> {
  const workspace = run.workspace();
  const text = textMix(run, 1);
  const keys = run.spec.bindings.register === undefined ? null : await makeKeys(run, 4);
  return runLoad({
    schedule: constantRate({
      perSecond: Math.min(40, run.spec.workload.ratePerSecond),
      durationMs: run.sized({ quick: 3_000, full: 10_000 }),
    }),
    warmupMs: 0,
    maxInFlight: 128,
    timeoutMs: 5_000,
    drainMs: 5_000,
    signal: run.signal,
    action: async ({ index, agent }, signal) => {
      if (keys !== null && index % 2 === 1) return append(run, pick(keys, index), signal);
      return executeOnce(run, { text: text(index), agent: `database-${agent}`, workspace, cache: false, signal });
    },
  });
}
