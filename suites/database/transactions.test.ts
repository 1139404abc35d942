import { check, constantRate, NotMeasured, postgresSampler, runLoad, scenario, type LoadResult } from '../../harness/index.ts';
import { executeOnce } from '../support/execute-load.ts';
import { append, makeKeys, pick } from '../support/register.ts';
import { loopFault } from '../support/loop-fault.ts';
import { textMix } from '../support/texts.ts';

const SAMPLE_EVERY_MS = 50;

/** Work that must reach the database and the model: new texts, appends; observed from an own connection. */
const observed = scenario(async (run) => {
  const adminUrl = await run.adminUrl('postgres');
  const workspace = run.workspace();
  const text = textMix(run, 1);
  const keys = run.spec.bindings.register === undefined ? null : await makeKeys(run, 4);
  let load: LoadResult;
  const sampler = postgresSampler({ connectionString: adminUrl, intervalMs: SAMPLE_EVERY_MS });
  try {
    load = await runLoad({
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
  } finally {
    await sampler.stop();
  }
  const worked = load.byOutcome.ok + load.byOutcome.degraded;
  if (worked < load.scheduled / 2)
    throw new NotMeasured(`only ${worked} of ${load.scheduled} requests did their work: too little to see transactions`);
  const samples = sampler.samples.flatMap(({ activity }) => (activity === null ? [] : [activity]));
  if (samples.length === 0) throw new NotMeasured(`Postgres could not be observed: ${sampler.samples[0]?.error ?? 'no sample'}`);
  return { samples, fault: loopFault(load) };
});

check('database.transactions.idle_in_transaction', async (run) => {
  const { samples, fault, window } = await observed(run);
  const values = samples.map(({ longestIdleInTransactionMs }) => longestIdleInTransactionMs);
  return {
    observation: { kind: 'level', unit: 'ms', samples: values, worst: 'max' },
    window,
    harnessFault: fault,
    witnesses: [{ source: 'pg_stat_activity', saw: `${values.length} samples, longest ${Math.round(Math.max(...values))} ms` }],
  };
});

check('database.connections.peak', async (run) => {
  const { samples, fault, window } = await observed(run);
  const values = samples.map(({ total }) => total);
  return {
    observation: { kind: 'level', unit: 'count', samples: values, worst: 'max' },
    window,
    harnessFault: fault,
    witnesses: [{ source: 'pg_stat_activity', saw: `${values.length} samples, at most ${Math.max(...values)} connections` }],
  };
});
