import { randomUUID } from 'node:crypto';
import { check, extract, NotMeasured, type Answer, type SuiteRun } from '../../harness/index.ts';

/** So many more than there may be are asked for at once. */
const BEYOND = 10;
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

interface Filled {
  readonly accepted: number;
  readonly refused: number;
  readonly unknown: number;
  /** A refusal that is none of those that mean the limit. */
  readonly odd: number | null;
  /** null: not bound, or not readable. */
  readonly listed: number | null;
  readonly problems: readonly string[];
}

/** Asks for more than there may be, all at once, in a new workspace. */
async function fill(run: SuiteRun): Promise<Filled> {
  const { limit, refused: statuses } = run.target.requireBinding('cap');
  const workspace = run.workspace();
  const answers = await Promise.all(Array.from({ length: limit + BEYOND }, () => make(run, workspace)));
  const accepted = answers.filter(({ outcome }) => outcome === 'ok').length;
  const refusedWith = answers.flatMap(({ status }) => (status !== null && statuses.includes(status) ? [status] : []));
  const refusals = refusedWith.length;
  // 429 may also mean that somebody asks too often, whatever there is room for.
  const isShort = refusedWith.some((status) => status !== 429);
  const others = answers.find(({ status, outcome }) => outcome === 'rejected' && status !== null && !statuses.includes(status));
  const unknown = answers.length - accepted - refusals;
  const listed = await listedIn(run, workspace);
  const at = `workspace ${workspace}`;
  return {
    accepted,
    refused: refusals,
    unknown,
    odd: others?.status ?? null,
    listed,
    problems: [
      ...(accepted > limit ? [`${at}: ${accepted} were made at once, ${limit} are allowed`] : []),
      ...(listed !== null && listed > Math.max(limit, accepted) ? [`${at}: ${listed} are listed, ${limit} are allowed`] : []),
      ...(isShort && accepted + unknown < limit
        ? [`${at}: ${accepted} were made, and another was refused although ${limit} are allowed`]
        : []),
    ],
  };
}

function make(run: SuiteRun, workspace: string): Promise<Answer> {
  const { create } = run.target.requireBinding('cap');
  return run.target.request(create, { workspace, name: `muster-${randomUUID().slice(0, 8)}` });
}

async function listedIn(run: SuiteRun, workspace: string): Promise<number | null> {
  const { list } = run.target.requireBinding('cap');
  if (list === undefined) return null;
  const answer = await run.target.request(list.http, { workspace, name: '' });
  const items = answer.outcome === 'ok' ? extract(list.items, answer.json) : undefined;
  return Array.isArray(items) ? items.length : null;
}
