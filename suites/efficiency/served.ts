import { DEFAULT_REPEATS, type SuiteRun, type Work } from '../../harness/index.ts';
import { inParallel, MODEST } from '../support/in-parallel.ts';
import { ask, type Metered } from './metered.ts';
import { questionsByType, type Question } from './questions.ts';

/** One question, every answer to it as it was served, and the same without any optimisation. */
export interface Story {
  readonly question: Question;
  /** In the order they were asked: the first one found the cache cold. */
  readonly asks: readonly Metered[];
  /** null: no baseline is bound. */
  readonly baseline: Metered | null;
}

/**
 * The questions of a workload, each asked as often as in real use. They go out in rounds, every question once in each: no two requests for
 * the same text are ever under way together, so that who finds the cache cold is decided by the order and not by chance. The baselines come
 * last: they must not warm anything.
 */
export async function serve(run: SuiteRun): Promise<{ readonly stories: readonly Story[] }> {
  const questions = questionsByType(run, run.sized({ quick: 4, full: 15 }));
  const rounds = repeatsOf(run);
  const asks = questions.map((): Metered[] => []);
  const work = worker(run);
  const options = { width: MODEST, signal: run.signal };
  for (let round = 0; round < rounds; round += 1) {
    await inParallel(questions, options, async (question, index) => {
      asks[index]?.push(await ask(run, work(question).served, { ...question, cache: true }));
    });
  }
  const isBound = run.spec.bindings.economy?.baseline !== undefined;
  const baselines = isBound
    ? await inParallel(questions, options, (question) => ask(run, work(question).baseline, { ...question, cache: false }))
    : [];
  return { stories: questions.map((question, index) => ({ question, asks: asks[index] ?? [], baseline: baselines[index] ?? null })) };
}

export function repeatsOf(run: SuiteRun): number {
  return run.spec.bindings.economy?.repeats ?? DEFAULT_REPEATS;
}

/** The requests of each sample are built once. */
export function worker(run: SuiteRun): (question: Pick<Question, 'sample'>) => Work {
  const known = new Map<Question['sample'], Work>();
  return ({ sample }) => {
    const work = known.get(sample) ?? run.target.work(sample);
    known.set(sample, work);
    return work;
  };
}
