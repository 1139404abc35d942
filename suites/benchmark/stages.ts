import { NotMeasured, readStages, STAGES, type Observed, type Stage, type SuiteRun } from '../../harness/index.ts';
import { bySecond, nowMs, type Companion, type Sighting } from './companions.ts';

/** Clocks are read at different places, and figures are rounded. */
const TOLERANCE_MS = 1;

/** Of an answer's own figures: more than this share that cannot be true makes none of them believed. */
const MAX_LIES = 0.02;

/**
 * Executions of every kind that a time budget is bound for, none of them from a cache, and what their answers say of themselves. An answer
 * whose parts add up to more than its caller waited is not believed.
 */
export class StageBook {
  readonly #seen = new Map<Stage, Sighting[]>();
  readonly companions: readonly Companion[];
  #answers = 0;
  #silent = 0;
  #untrue = 0;
  #example = '';

  constructor(run: SuiteRun) {
    const rules = run.spec.bindings.execute?.outcome.stages ?? {};
    const wholes = STAGES.filter((stage) => typeof rules[stage]?.text === 'string');
    const kinds: readonly (Stage | null)[] = wholes.length === 0 && Object.keys(rules).length > 0 ? [null] : wholes;
    this.companions = kinds.map((kind) => ({ ask: ({ index, signal }) => this.#ask(run, kind, index, signal) }));
  }

  async #ask(run: SuiteRun, kind: Stage | null, index: number, signal: AbortSignal): ReturnType<Companion['ask']> {
    const binding = run.target.requireBinding('execute');
    const base = `parcel ${run.seed} ${kind ?? 'any'} for its stages, request ${index} at ${Math.round(nowMs(run))}`;
    const text = ((kind === null ? null : binding.outcome.stages?.[kind]?.text) ?? '${text}').replaceAll('${text}', base);
    const answer = await run.target.execute({ text, cache: false, agent: 'stages' }, { signal });
    if (answer.outcome !== 'ok') return answer.outcome;
    const { ms, missing, claimedMs } = readStages(binding, answer.answer.json, kind);
    this.#answers += 1;
    if (missing.length > 0) this.#silent += 1;
    if (claimedMs > answer.durationMs + TOLERANCE_MS) {
      this.#untrue += 1;
      this.#example ||= `${claimedMs.toFixed(1)} ms told, ${answer.durationMs.toFixed(1)} ms waited`;
    }
    for (const [stage, value] of Object.entries(ms) as [Stage, number][]) this.#of(stage).push({ atMs: nowMs(run), ms: value });
    return 'ok';
  }

  #of(stage: Stage): Sighting[] {
    const known = this.#seen.get(stage);
    if (known !== undefined) return known;
    const seen: Sighting[] = [];
    this.#seen.set(stage, seen);
    return seen;
  }

  /** @throws NotMeasured when the answers do not tell the stage, or tell what cannot be true. */
  observe(stage: Stage): Pick<Observed, 'observation' | 'witnesses'> {
    const seen = this.#seen.get(stage) ?? [];
    if (seen.length === 0)
      throw new NotMeasured(`none of ${this.#answers} answers has a number for the stage ${stage} (${this.#silent} lack some stage)`);
    if (this.#untrue > MAX_LIES * this.#answers)
      throw new NotMeasured(
        `in ${this.#untrue} of ${this.#answers} answers the stages add up to more than the caller waited (${this.#example}): they are not believed`,
      );
    return {
      observation: { kind: 'quantile', q: 0.95, unit: 'ms', ...bySecond(seen) },
      witnesses: [
        { source: 'responses', saw: `${seen.length} times told by ${this.#answers} answers` },
        { source: 'caller', saw: `waited longer than what was told in ${this.#answers - this.#untrue} of ${this.#answers}` },
      ],
    };
  }
}
