import { check, checkInWorker, NotMeasured } from '../../harness/index.ts';
import { recordContexts } from '../support/context-history.ts';
import { rollBackAll } from '../support/context-rollback.ts';
import { anomalyObservation } from '../support/history-observation.ts';
import { inParallel } from '../support/in-parallel.ts';

/** Much of it is waiting where a target may show what is old. */
const LIMIT = { limitMs: 240_000 };
const AT_ONCE = 3;

check(
  'lifecycle.context.version',
  async (run) => {
    const { operations, problems, odd, trials } = await recordContexts(
      run,
      run.sized({ quick: { contexts: 3, rounds: 5 }, full: { contexts: 10, rounds: 12 } }),
    );
    const history = anomalyObservation(
      await checkInWorker({ model: 'register', stalenessMs: run.target.requireBinding('context').read.stalenessMs ?? 0, operations }),
      [
        'lost update',
        'forked order',
        'rejected but applied',
        'garbage',
        'order against time',
        'stale read',
        'read your writes',
        'non-monotonic read',
      ],
      trials,
    );
    const found = history.observation.kind === 'count' ? history.observation : { count: 0, examples: [] };
    if (odd[0] !== undefined && found.count + problems.length === 0)
      throw new NotMeasured(`${odd[0]}: whether it means another version is not known`);
    return {
      observation: {
        kind: 'count',
        trials,
        count: found.count + problems.length,
        examples: [...found.examples, ...problems].slice(0, 5),
      },
      witnesses: [
        ...(history.witnesses ?? []),
        {
          source: 'responses',
          saw: `${trials} writes beside others on the same version, or on one that was over; ${problems.length} got a wrong version or a wrong refusal`,
        },
      ],
    };
  },
  LIMIT,
);

check(
  'lifecycle.context.rollback',
  async (run) => {
    const contexts = Array.from({ length: run.sized({ quick: 4, full: 16 }) });
    const done = await inParallel(contexts, { width: AT_ONCE, signal: run.signal }, () => rollBackAll(run));
    const trials = done.reduce((sum, one) => sum + one.trials, 0);
    const wrong = done.flatMap(({ problems }) => problems);
    return {
      observation: { kind: 'count', trials, count: wrong.length, examples: wrong.slice(0, 5) },
      witnesses: [
        { source: 'responses and reading back', saw: `${trials} rollbacks of ${done.length} contexts, alone and beside writers` },
      ],
    };
  },
  LIMIT,
);
