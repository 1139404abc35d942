import { check, NotMeasured, scenario, type Observed, type Witness } from '../../harness/index.ts';
import { databaseUnderWork } from '../support/database-under-work.ts';
import { shapeOf, type StatementCount } from '../support/statement-counts.ts';

const observed = scenario(databaseUnderWork);

type Seen = Awaited<ReturnType<typeof observed>>;
type Sample = Seen['samples'][number];
type Session = Sample['telling'][number];

/** A mean of fewer calls says little about a statement. */
const FEWEST_CALLS = 5;
const SHOWN = 10;

check('database.transactions.idle_in_transaction', async (run) => {
  const seen = await observed(run);
  const isIdle = ({ state }: Session): boolean => state.startsWith('idle in transaction');
  return longest(seen, {
    of: (sample) => sample.longestIdleInTransactionMs,
    worst: (session) => (isIdle(session) ? session.inStateMs : 0),
    tell: (session) => `idle for ${ms(session.inStateMs)} in a transaction, last asked: ${shapeOf(session.query)}`,
  });
});

check('database.transactions.long', async (run) =>
  longest(await observed(run), {
    of: (sample) => sample.longestTransactionMs,
    worst: (session) => session.transactionMs,
    tell: (session) => `in a transaction for ${ms(session.transactionMs)} (${session.state}): ${shapeOf(session.query)}`,
  }),
);

check('database.transactions.lock_wait', async (run) =>
  longest(await observed(run), {
    of: (sample) => sample.longestLockWaitMs,
    // Whoever waits and is held by nobody any more has just been let go.
    worst: (session) => session.waitsMs * (session.blockedBy.length > 0 ? 1 : 0.1),
    tell: (session) => {
      const holders = session.blockedBy.map(({ pid, query }) => `process ${pid}: ${shapeOf(query)}`);
      return `waits for a lock for ${ms(session.waitsMs)}: ${shapeOf(session.query)}; held by ${holders.join(' and ') || 'nobody any more'}`;
    },
  }),
);

check('database.connections.peak', async (run) => {
  const { samples, sessions, cost, fault, window } = await observed(run);
  const values = samples.map(({ total }) => total);
  const unused = Math.max(...samples.map((sample) => sample.unused));
  return {
    observation: { kind: 'level', unit: 'count', samples: values, worst: 'max' },
    window,
    harnessFault: fault,
    witnesses: [
      {
        source: 'pg_stat_activity',
        saw: `${values.length} samples, at most ${Math.max(...values)} connections (${sessions}); ${unused} of them have not asked anything since they were opened`,
      },
      cost,
    ],
  };
});

check('database.queries.slow', async (run) => {
  const { counted, fault, window } = await observed(run);
  const slowest = countsOf(counted)
    .filter(({ calls }) => calls >= FEWEST_CALLS)
    .toSorted((one, other) => meanMs(other) - meanMs(one));
  return {
    observation: { kind: 'level', unit: 'ms', samples: slowest.map(meanMs), worst: 'max' },
    window,
    harnessFault: fault,
    witnesses: slowest.slice(0, SHOWN).map((count) => ({
      source: 'pg_stat_statements',
      saw: `${meanMs(count).toFixed(1)} ms on average, ${count.calls} calls: ${shapeOf(count.text)}`,
    })),
  };
});

check('database.queries.temp', async (run) => {
  const { counted, fault, window } = await observed(run);
  const counts = countsOf(counted);
  const spilling = counts.filter(({ tempBlocks }) => tempBlocks > 0);
  const examples = spilling.map(
    ({ tempBlocks, calls, text }) => `${tempBlocks} blocks in temporary files by ${calls} calls of ${shapeOf(text)}`,
  );
  const calls = counts.reduce((sum, count) => sum + count.calls, 0);
  return {
    observation: { kind: 'count', trials: calls, count: spilling.length, examples: examples.slice(0, 5) },
    window,
    harnessFault: fault,
    witnesses: [{ source: 'pg_stat_statements', saw: `${counts.length} statements, ${calls} calls` }],
  };
});

interface Longest {
  readonly of: (sample: Sample) => number;
  readonly worst: (session: Session) => number;
  readonly tell: (session: Session) => string;
}

/** A time read in every sample, judged at its longest; the session that explains it is a witness. */
function longest({ samples, cost, fault, window }: Seen, { of, worst, tell }: Longest): Observed {
  const values = samples.map(of);
  const [session] = samples.flatMap(({ telling }) => telling).toSorted((one, other) => worst(other) - worst(one));
  const seen: Witness = { source: 'pg_stat_activity', saw: `${values.length} samples, longest ${ms(Math.max(...values))}` };
  const told: readonly Witness[] =
    session === undefined || worst(session) <= 0 ? [] : [{ source: `pg_stat_activity, process ${session.pid}`, saw: tell(session) }];
  return {
    observation: { kind: 'level', unit: 'ms', samples: values, worst: 'max' },
    window,
    harnessFault: fault,
    witnesses: [seen, ...told, cost],
  };
}

function countsOf(counted: Seen['counted']): readonly StatementCount[] {
  if ('missing' in counted) throw new NotMeasured(counted.missing);
  return [...counted.counts.values()];
}

function meanMs({ totalMs, calls }: StatementCount): number {
  return totalMs / calls;
}

function ms(value: number): string {
  return `${Math.round(value)} ms`;
}
