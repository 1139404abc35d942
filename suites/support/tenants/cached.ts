import { holdsIn, NotMeasured, textIn, type Answer, type SuiteRun } from '../../../harness/index.ts';
import { inParallel, MODEST } from '../in-parallel.ts';
import { ask, newMarker, type Tenants } from './tenants.ts';

export interface SharedAnswers {
  /** Questions whose answer was kept for the tenant that asked first. */
  readonly trials: number;
  readonly shared: readonly string[];
  readonly asked: number;
}

/** One asks twice, so that the answer is kept; then the other asks the same. @throws NotMeasured when the target does not tell them apart. */
export async function askAcross(run: SuiteRun, { a, b }: Tenants, questions: number): Promise<SharedAnswers> {
  const { read } = run.target.requireBinding('cache');
  if (Object.keys(a.headers).length === 0 && !JSON.stringify(read.http).includes('${workspace}'))
    throw new NotMeasured('`cache.read` does not say which tenant asks: bind `${workspace}` in it, or the headers of both in `tenants.as`');
  if (read.hit === undefined && read.id === undefined)
    throw new NotMeasured('`cache.read` says neither by `hit` nor by `id` whether an answer was kept');
  const texts = Array.from({ length: questions }, newMarker);
  const asked = await inParallel(texts, { width: MODEST, signal: run.signal }, async (text) => {
    const answers = [
      await ask(run, a, read.http, { text }),
      await ask(run, a, read.http, { text }),
      await ask(run, b, read.http, { text }),
    ];
    return { text, answers };
  });
  const isKept = (answer: Answer | undefined, first: Answer | undefined): boolean => {
    if (answer?.outcome !== 'ok') return false;
    const id = textIn(read.id, answer.json);
    return holdsIn(read.hit, answer.json) || (id !== null && id === textIn(read.id, first?.json));
  };
  const kept = asked.filter(({ answers: [first, again, foreign] }) => isKept(again, first) && foreign?.outcome === 'ok');
  if (kept.length === 0) throw new NotMeasured(`none of ${questions} questions asked twice by the same tenant was answered from the cache`);
  const shared = kept
    .filter(({ answers: [first, , foreign] }) => isKept(foreign, first))
    .map(
      ({ text }) =>
        `what was made for tenant A (${a.workspace}) on "${text}" was served to tenant B (${b.workspace}), which never asked before`,
    );
  return { trials: kept.length, shared, asked: asked.length };
}
