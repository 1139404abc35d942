import { check, checkInWorker, type Judgement, NotMeasured, type Observed, scenario } from '../../harness/index.ts';
import { anomalyObservation } from '../support/history-observation.ts';
import { recordBank } from '../support/values/bank-history.ts';
import { readsBeside } from '../support/values/contend.ts';
import { recordCounter } from '../support/values/counter-history.ts';
import { recordSets } from '../support/values/set-history.ts';

const LIMIT = { limitMs: 120_000 };
/** With fewer in between nobody has seen what shows while others change it. */
const FEWEST_READS = 10;
const LATE = ['stale read', 'read your writes'] as const;

const counted = scenario(async (run) => {
  const { operations, fault } = await recordCounter(run, run.sized({ quick: 80, full: 800 }));
  const { stalenessMs } = run.target.requireBinding('counter').read;
  return {
    judgement: judged(await checkInWorker({ model: 'counter', initial: 0, stalenessMs, operations })),
    reads: readsBeside(operations),
    fault,
  };
});

check(
  'concurrency.counter.lost_updates',
  async (run) => {
    const { judgement, fault, window } = await counted(run);
    const found = anomalyObservation(judgement, ['lost update', 'duplicate apply'], judgement.overlapping);
    return { ...found, window, harnessFault: fault };
  },
  LIMIT,
);

check(
  'concurrency.counter.stale_reads',
  async (run) => {
    const { judgement, reads, fault, window } = await counted(run);
    return { ...watched(anomalyObservation(judgement, LATE, judgement.overlapping), reads), window, harnessFault: fault };
  },
  LIMIT,
);

const added = scenario(async (run) => {
  const { operations, fault } = await recordSets(run, run.sized({ quick: 60, full: 600 }));
  const { stalenessMs } = run.target.requireBinding('set').read;
  return { judgement: judged(await checkInWorker({ model: 'set', stalenessMs, operations })), reads: readsBeside(operations), fault };
});

check(
  'concurrency.set.lost_adds',
  async (run) => {
    const { judgement, fault, window } = await added(run);
    const names = ['lost update', 'duplicate apply', 'rejected but applied', 'garbage'] as const;
    return { ...anomalyObservation(judgement, names, judgement.overlapping), window, harnessFault: fault };
  },
  LIMIT,
);

check(
  'concurrency.set.stale_reads',
  async (run) => {
    const { judgement, reads, fault, window } = await added(run);
    return { ...watched(anomalyObservation(judgement, LATE, judgement.overlapping), reads), window, harnessFault: fault };
  },
  LIMIT,
);

check(
  'concurrency.bank.total',
  async (run) => {
    const { operations, total, fault } = await recordBank(run, run.sized({ quick: 80, full: 800 }));
    // Whether an account may be overdrawn is for the target to say; that nothing is made or lost is not.
    const judgement = judged(await checkInWorker({ model: 'bank', total, mayGoNegative: true, operations }));
    const found = anomalyObservation(judgement, ['money made or lost'], judgement.overlapping);
    return { ...watched(found, readsBeside(operations)), harnessFault: fault };
  },
  LIMIT,
);

/** @throws NotMeasured when the target took nothing. */
function judged(judgement: Judgement): Judgement {
  if (judgement.overlapping === 0)
    throw new NotMeasured('no two changes that were acknowledged were under way at the same time: nothing was contended');
  return judgement;
}

type Found = Pick<Observed, 'observation' | 'witnesses'>;

/** @throws NotMeasured when nothing was found, and hardly anybody could look while others changed it. */
function watched(found: Found, reads: number): Found {
  if (found.observation.kind === 'count' && found.observation.count === 0 && reads < FEWEST_READS)
    throw new NotMeasured(`only ${reads} reads were answered while others changed it: what shows in between was not seen`);
  return found;
}
