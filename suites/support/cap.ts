import { randomUUID } from 'node:crypto';
import { extract, type Answer, type SuiteRun } from '../../harness/index.ts';
import { pauseAfter } from './turned-away.ts';

/** So many more than there may be are asked for at once. */
export const BEYOND = 10;
/** After the rush single ones are asked for, so that the limit is reached where some were turned away for other reasons. */
const SINGLE_TRIES = 20;

export interface Filled {
  readonly accepted: number;
  readonly refused: number;
  readonly unknown: number;
  /** A refusal that is none of those that mean the limit. */
  readonly odd: number | null;
  /** As many as there may be are there, or may be. */
  readonly isReached: boolean;
  /** null: not bound, or not readable. */
  readonly listed: number | null;
  readonly problems: readonly string[];
}

/** Asks for more than there may be, all at once, in a new workspace; what is missing then one after the other, and one more. */
export async function fill(run: SuiteRun): Promise<Filled> {
  const { limit } = run.target.requireBinding('cap');
  const workspace = run.workspace();
  const rush = await Promise.all(Array.from({ length: limit + BEYOND }, () => make(run, workspace)));
  const answers = [...rush, ...(await oneByOne(run, workspace, rush))];
  const count = (kind: Kind): number => answers.filter((answer) => kindOf(run, answer) === kind).length;
  const [accepted, unknown] = [count('made'), count('unknown')];
  const listed = await listedIn(run, workspace);
  const at = `workspace ${workspace}`;
  const last = answers.at(-1);
  const isShort = last !== undefined && kindOf(run, last) === 'no more' && accepted + unknown < limit;
  return {
    accepted,
    refused: count('no more') + count('turned away'),
    unknown,
    odd: answers.find((answer) => kindOf(run, answer) === 'refused otherwise')?.status ?? null,
    isReached: accepted + unknown >= limit,
    listed,
    problems: [
      ...(accepted > limit ? [`${at}: ${accepted} were made, ${limit} are allowed`] : []),
      ...(listed !== null && listed > Math.max(limit, accepted) ? [`${at}: ${listed} are listed, ${limit} are allowed`] : []),
      ...(isShort ? [`${at}: ${accepted} were made, and another was refused although ${limit} are allowed`] : []),
    ],
  };
}

/** Who asks alone has nobody to lose against: a refusal then means the limit. Who was turned away has made nothing, and comes again. */
async function oneByOne(run: SuiteRun, workspace: string, rush: readonly Answer[]): Promise<readonly Answer[]> {
  const { limit } = run.target.requireBinding('cap');
  const answers: Answer[] = [];
  let there = rush.filter((answer) => isThere(kindOf(run, answer))).length;
  if (there >= limit) return answers;
  for (let tries = 0; tries < SINGLE_TRIES + limit && there <= limit && !run.signal.aborted; tries += 1) {
    const answer = await make(run, workspace);
    const kind = kindOf(run, answer);
    if (kind === 'turned away') {
      if (there >= limit) return answers;
      await pauseAfter(answer, run.signal);
      continue;
    }
    answers.push(answer);
    if (!isThere(kind)) return answers;
    there += 1;
  }
  return answers;
}

/** 429 may mean the limit, and also that somebody asks too often, whatever there is room for. */
type Kind = 'made' | 'no more' | 'turned away' | 'refused otherwise' | 'unknown';

function kindOf(run: SuiteRun, { status, outcome }: Answer): Kind {
  if (outcome === 'ok') return 'made';
  if (outcome === 'shed') return 'turned away';
  if (status !== null && run.target.requireBinding('cap').refused.includes(status)) return 'no more';
  return outcome === 'rejected' ? 'refused otherwise' : 'unknown';
}

const isThere = (kind: Kind): boolean => kind === 'made' || kind === 'unknown';

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
