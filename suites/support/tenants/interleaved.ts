import { NotMeasured, type Answer, type SuiteRun } from '../../../harness/index.ts';
import { inParallel } from '../in-parallel.ts';
import { answered, ask, nameOf, type Tenant, type Tenants } from './tenants.ts';

type Request = Parameters<typeof ask>[2];

/** At once: more than most pools have connections, so that requests of both follow each other on each of them. */
const AT_ONCE = 16;

/** A list as one tenant sees it when nobody else asks. */
interface AtRest {
  readonly tenant: Tenant;
  readonly request: Request;
  readonly shows: readonly string[];
}

export interface Interleaved {
  readonly trials: number;
  readonly leaks: readonly string[];
  readonly unanswered: number;
  /** Lists that could not be compared with anything, and why. */
  readonly leftOut: readonly string[];
  readonly lists: number;
}

/** Both tenants ask for their lists at once, in turn, and every answer is held against what the list showed at rest. */
export async function interleave(
  run: SuiteRun,
  tenants: Tenants,
  sizes: { readonly total: number; readonly perList: number },
): Promise<Interleaved> {
  const { lists } = run.target.requireBinding('tenants');
  const leftOut: string[] = [];
  const kept: (readonly AtRest[])[] = [];
  for (const request of lists) {
    const both = [await atRest(run, tenants.a, request), await atRest(run, tenants.b, request)];
    const bad = both.find((seen) => typeof seen === 'string');
    if (typeof bad === 'string') leftOut.push(bad);
    else kept.push(both.filter((seen) => typeof seen !== 'string'));
  }
  if (kept.length === 0) throw new NotMeasured(`no list of the tenants could be read at rest: ${leftOut.join('; ') || 'none is bound'}`);
  const rounds = Math.ceil(Math.max(sizes.total, sizes.perList * kept.length) / (2 * kept.length));
  const turns = Array.from({ length: rounds }, () => kept.flat()).flat();
  const answers = await inParallel(turns, { width: AT_ONCE, signal: run.signal }, async (turn) => ({
    turn,
    answer: await ask(run, turn.tenant, turn.request, {}),
  }));
  return { ...judged(answers, tenants), leftOut, lists: kept.length };
}

/** What the list shows of the tenant's own, or why it cannot be compared. */
async function atRest(run: SuiteRun, tenant: Tenant, request: Request): Promise<AtRest | string> {
  const answer = await ask(run, tenant, request, {});
  if (answer.outcome !== 'ok') return `${nameOf(request)} was answered with ${answered(answer)}`;
  const shows = tenant.objects.map(({ marker }) => marker).filter((marker) => answer.text.includes(marker));
  return shows.length === 0 ? `${nameOf(request)} showed nothing of what tenant ${tenant.name} has` : { tenant, request, shows };
}

interface Turned {
  readonly turn: AtRest;
  readonly answer: Pick<Answer, 'outcome' | 'text'>;
}

function judged(answers: readonly Turned[], { a, b }: Tenants): Pick<Interleaved, 'trials' | 'leaks' | 'unanswered'> {
  const definite = answers.filter(({ answer }) => answer.outcome === 'ok');
  const leaks = definite.flatMap(({ turn, answer }, index) => {
    const problem = leakOf(
      answer.text,
      turn.shows,
      (turn.tenant === a ? b : a).objects.map(({ marker }) => marker),
    );
    const { tenant, request } = turn;
    return problem === null ? [] : [`answer ${index + 1}, ${nameOf(request)} for tenant ${tenant.name} (${tenant.workspace}), ${problem}`];
  });
  return { trials: definite.length, leaks, unanswered: answers.length - definite.length };
}

/** What is wrong with one answer: the other's data in it, or the own gone from it; null when neither. */
export function leakOf(text: string, own: readonly string[], foreign: readonly string[]): string | null {
  const shown = foreign.filter((marker) => text.includes(marker));
  if (shown.length > 0) return `shows ${shown.length} of the other tenant's, among them "${shown[0] ?? ''}"`;
  const missing = own.filter((marker) => !text.includes(marker));
  return missing.length === 0 ? null : `lacks ${missing.length} of the ${own.length} of its own that it shows when nobody else asks`;
}
