import { check, NotMeasured } from '../../harness/index.ts';
import { BEYOND, fill, type Filled } from '../support/cap.ts';

/** More is a load, and no question about a limit. */
const MOST = 300;

check('lifecycle.agents.cap', async (run) => {
  const { limit } = run.target.requireBinding('cap');
  if (limit > MOST) throw new NotMeasured(`the limit is ${limit}; limits above ${MOST} are not tried`);
  const rounds: Filled[] = [];
  for (let round = 0; round < run.sized({ quick: 3, full: 10 }) && !run.signal.aborted; round += 1) rounds.push(await fill(run));
  const wrong = rounds.flatMap(({ problems }) => problems);
  const total = (of: (round: Filled) => number): number => rounds.reduce((sum, round) => sum + of(round), 0);
  const [made, beyond] = [total(({ accepted }) => accepted), total(({ refused }) => refused)];
  const odd = rounds.flatMap((round) => round.odd ?? []);
  if (odd[0] !== undefined && wrong.length === 0)
    throw new NotMeasured(
      `one beyond ${limit} was refused with ${odd[0]}, which \`cap.refused\` does not name: whether that is the limit is not known`,
    );
  if (made === 0) throw new NotMeasured('not one could be made: the limit was not reached');
  if (wrong.length === 0 && !rounds.some(({ isReached }) => isReached))
    throw new NotMeasured(
      `only ${made} were made in ${rounds.length} workspaces, and others were turned away: the limit of ${limit} was not reached`,
    );
  if (beyond === 0 && wrong.length === 0)
    throw new NotMeasured(`${made} were made and not one was refused for certain: nobody knows what became of those beyond the limit`);
  return {
    observation: { kind: 'count', trials: made + beyond, count: wrong.length, examples: wrong.slice(0, 5) },
    witnesses: [
      {
        source: 'responses',
        saw: `in each of ${rounds.length} workspaces ${limit + BEYOND} asked for at once, ${limit} allowed: ${made} made, ${beyond} refused, ${total(({ unknown }) => unknown)} of unknown outcome`,
      },
      ...(rounds.some(({ listed }) => listed !== null)
        ? [{ source: 'list of the target', saw: `${rounds.map(({ listed }) => listed ?? 'unreadable').join(', ')} there afterwards` }]
        : []),
    ],
  };
});
