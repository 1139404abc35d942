import { check, checkInWorker, NotMeasured } from '../../harness/index.ts';
import { anomalyObservation } from '../support/history-observation.ts';
import { recordState } from '../support/state-history.ts';

check(
  'concurrency.state.lost_updates',
  async (run) => {
    const { operations, patches } = await recordState(
      run,
      run.sized({ quick: { documents: 3, patches: 40 }, full: { documents: 12, patches: 80 } }),
    );
    const judgement = await checkInWorker({ model: 'set', operations });
    if (judgement.acknowledged === 0) throw new NotMeasured(`none of ${patches} changes was acknowledged, and no document could be read`);
    return anomalyObservation(judgement, ['lost update', 'rejected but applied', 'garbage'], judgement.overlapping);
  },
  { limitMs: 120_000 },
);
