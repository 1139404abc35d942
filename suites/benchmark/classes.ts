import { NotMeasured, RESPONSE_CLASSES, type Observed, type ResponseClass, type SuiteRun } from '../../harness/index.ts';
import { askedWithin, timesOf, type Asked, type Span } from '../support/asked.ts';
import { nowMs, type Companion } from './companions.ts';

interface ClassAsk extends Asked {
  /** What came instead; null: what was meant. */
  readonly other: string | null;
}

/** Below it one slow answer is nothing rare: asked twice as often, one or two of them leave the rest to prove the p95. */
const TIGHT_MS = 250;

/** Asks for every class of response that is bound, each time for something new, and keeps how long each took. */
export class ClassBook {
  readonly #asked = new Map<ResponseClass, ClassAsk[]>();
  readonly companions: readonly Companion[];

  constructor(run: SuiteRun) {
    const bound = RESPONSE_CLASSES.filter((name) => run.spec.bindings.classes?.[name] !== undefined);
    const workspace = run.workspace();
    this.companions = bound.flatMap((name) => {
      const asked: ClassAsk[] = [];
      this.#asked.set(name, asked);
      const companion: Companion = {
        ask: async ({ index, signal }) => {
          const atMs = nowMs(run);
          const variables = {
            text: `assess parcel ${workspace} for class ${name}, request ${index}`,
            workspace,
            agent: `class-${name}-${workspace}`,
          };
          const { ok, answer } = await run.target.classes.ask(name, variables, { signal });
          const other = ok ? null : (answer.error ?? `status ${answer.status ?? 'none'}, ${answer.text.slice(0, 120)}`);
          asked.push({ atMs, ms: ok ? answer.durationMs : null, other });
          return ok ? 'ok' : answer.outcome === 'ok' ? 'wrong' : answer.outcome;
        },
      };
      const passMs = run.criteria.find(({ id }) => id === `benchmark.class.${name}`)?.pass?.value ?? Number.POSITIVE_INFINITY;
      return passMs < TIGHT_MS ? [companion, companion] : [companion];
    });
  }

  /** Of what was asked between two times. @throws NotMeasured when nothing was. */
  observe(name: ResponseClass, within: Span): Pick<Observed, 'observation' | 'witnesses'> {
    const asked = askedWithin(this.#asked.get(name) ?? [], within);
    if (asked.length === 0) throw new NotMeasured(`nothing of class ${name} was asked for while the load ran`);
    const others = asked.flatMap(({ other }) => other ?? []);
    const first = others[0] === undefined ? '' : `; first other: ${others[0]}`;
    return {
      observation: timesOf(0.95, asked),
      witnesses: [{ source: 'responses', saw: `${asked.length - others.length} of ${asked.length} answers as bound${first}` }],
    };
  }
}
