import { check, scenario } from '../../harness/index.ts';
import { appendObservation } from '../support/append-observation.ts';
import { anomalyObservation } from '../support/history-observation.ts';
import { recordRegister } from '../support/register-history.ts';

const LIMIT = { limitMs: 120_000 };

const contended = scenario((run) => recordRegister(run, run.sized({ quick: 300, full: 1_200 })));

check(
  'concurrency.register.lost_updates',
  async (run) => {
    const { judgement, appends, shown, stored, fault, window } = await contended(run);
    const history = anomalyObservation(
      judgement,
      ['lost update', 'duplicate apply', 'rejected but applied', 'garbage'],
      judgement.overlapping,
    );
    const ledger = appendObservation(appends, { shown, stored }, judgement.overlapping);
    const { observation } = countOf(ledger) > countOf(history) ? ledger : history;
    return { observation, window, witnesses: [...(history.witnesses ?? []), ...(ledger.witnesses ?? [])], harnessFault: fault };
  },
  LIMIT,
);

check(
  'concurrency.register.order',
  async (run) => {
    const { judgement, reads, fault, window } = await contended(run);
    return { ...anomalyObservation(judgement, ['forked order'], reads), window, harnessFault: fault };
  },
  LIMIT,
);

check(
  'concurrency.register.stale_reads',
  async (run) => {
    const { judgement, reads, fault, window } = await contended(run);
    const names = ['stale read', 'read your writes', 'non-monotonic read', 'order against time'] as const;
    return { ...anomalyObservation(judgement, names, reads), window, harnessFault: fault };
  },
  LIMIT,
);

function countOf({ observation }: ReturnType<typeof anomalyObservation>): number {
  return observation.kind === 'count' ? observation.count : 0;
}
