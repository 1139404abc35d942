import { readStages, STAGES, type Observed, type Stage, type SuiteRun } from '../../harness/index.ts';
import { askedWithin, type Span } from '../support/asked.ts';
import { nowMs, type Companion } from './companions.ts';
import { stageFinding, type StageAsk } from '../support/stage-finding.ts';

/** Executions of every kind that a time budget is bound for, none of them from a cache, and what their answers say of themselves. */
export class StageBook {
  readonly #asked: StageAsk[] = [];
  readonly #agent: string;
  readonly companions: readonly Companion[];

  constructor(run: SuiteRun) {
    this.#agent = `stages-${run.workspace()}`;
    const rules = run.spec.bindings.execute?.outcome.stages ?? {};
    const wholes = STAGES.filter((stage) => typeof rules[stage]?.text === 'string');
    const kinds: readonly (Stage | null)[] = wholes.length === 0 && Object.keys(rules).length > 0 ? [null] : wholes;
    this.companions = kinds.map((kind) => ({ ask: ({ index, signal }) => this.#ask(run, kind, index, signal) }));
  }

  async #ask(run: SuiteRun, kind: Stage | null, index: number, signal: AbortSignal): ReturnType<Companion['ask']> {
    const binding = run.target.requireBinding('execute');
    const atMs = nowMs(run);
    const base = `parcel ${run.seed} ${kind ?? 'any'} for its stages, request ${index} at ${Math.round(atMs)}`;
    const text = ((kind === null ? null : binding.outcome.stages?.[kind]?.text) ?? '${text}').replaceAll('${text}', base);
    const { outcome, answer, durationMs } = await run.target.execute({ text, cache: false, agent: this.#agent }, { signal });
    const told = outcome === 'ok' ? readStages(binding, answer.json, kind) : null;
    this.#asked.push({ atMs, kind, ms: outcome === 'ok' ? durationMs : null, told });
    return outcome;
  }

  /** Of what was asked between two times. @throws NotMeasured as `stageFinding`. */
  observe(stage: Stage, within: Span): Pick<Observed, 'observation' | 'witnesses' | 'evidence'> {
    return stageFinding(stage, askedWithin(this.#asked, within));
  }
}
