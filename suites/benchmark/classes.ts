import { NotMeasured, RESPONSE_CLASSES, type Observed, type ResponseClass, type SuiteRun } from '../../harness/index.ts';
import { bySecond, nowMs, type Companion, type Sighting } from './companions.ts';

/** Of what is asked at least so many answers must be the ones that were meant: how fast the others are says nothing. */
const MEANT_SHARE = 0.95;

interface ClassFigures {
  readonly seen: Sighting[];
  asked: number;
  firstWrong: string | null;
}

/** Asks for every class of response that is bound, each time for something new, and keeps how long each took. */
export class ClassBook {
  readonly #figures = new Map<ResponseClass, ClassFigures>();
  readonly companions: readonly Companion[];

  constructor(run: SuiteRun) {
    const bound = RESPONSE_CLASSES.filter((name) => run.spec.bindings.classes?.[name] !== undefined);
    const workspace = run.workspace();
    this.companions = bound.map((name) => {
      const figures: ClassFigures = { seen: [], asked: 0, firstWrong: null };
      this.#figures.set(name, figures);
      return {
        ask: async ({ index, signal }) => {
          figures.asked += 1;
          const variables = { text: `assess parcel ${workspace} for class ${name}, request ${index}`, workspace, agent: `class-${name}` };
          const { ok, answer } = await run.target.classes.ask(name, variables, { signal });
          if (ok) figures.seen.push({ atMs: nowMs(run), ms: answer.durationMs });
          else figures.firstWrong ??= answer.error ?? `status ${answer.status ?? 'none'}, ${answer.text.slice(0, 120)}`;
          return ok ? 'ok' : answer.outcome === 'ok' ? 'wrong' : answer.outcome;
        },
      };
    });
  }

  /** @throws NotMeasured when too few answers were the ones that were meant. */
  observe(name: ResponseClass): Pick<Observed, 'observation' | 'witnesses'> {
    const { seen, asked, firstWrong } = this.#figures.get(name) ?? { seen: [], asked: 0, firstWrong: null };
    if (seen.length < MEANT_SHARE * asked || asked === 0)
      throw new NotMeasured(
        `only ${seen.length} of ${asked} answers of class ${name} were the ones that were meant (first other: ${firstWrong ?? 'none'})`,
      );
    return {
      observation: { kind: 'quantile', q: 0.95, unit: 'ms', ...bySecond(seen) },
      witnesses: [{ source: 'responses', saw: `${seen.length} of ${asked} answers as bound` }],
    };
  }
}
