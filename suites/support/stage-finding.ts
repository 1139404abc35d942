import { NotMeasured, type Observed, type Stage } from '../../harness/index.ts';
import { timesOf, type Asked } from './asked.ts';

/** Clocks are read at different places, and figures are rounded. */
const TOLERANCE_MS = 1;
/** Of an answer's own figures: more than this share that cannot be true makes none of them believed. */
const MAX_LIES = 0.02;
/** Of the answers at most so many may lack the figure. */
const MAX_MISSING = 0.05;

/** One execution that was asked for its stages. */
export interface StageAsk extends Asked {
  /** The kind that was asked for; null: whichever. */
  readonly kind: Stage | null;
  /** What the answer says of itself; null: it was no answer that was meant. */
  readonly told: {
    readonly ms: Readonly<Partial<Record<Stage, number>>>;
    /** No caller can have waited less. */
    readonly claimedMs: number;
  } | null;
}

type Answered = StageAsk & { readonly ms: number; readonly told: NonNullable<StageAsk['told']> };

/**
 * A whole execution is judged by what its caller waited: that is our own clock. Only the target knows a part of it, so there its word is what
 * there is, as long as its parts do not add up to more than was waited. Pure.
 * @throws NotMeasured when too many answers do not tell the stage, or tell of parts what cannot be true.
 */
export function stageFinding(stage: Stage, asked: readonly StageAsk[]): Pick<Observed, 'observation' | 'witnesses' | 'evidence'> {
  const isWhole = asked.some(({ kind }) => kind === stage);
  const mine = isWhole ? asked.filter(({ kind }) => kind === stage) : asked;
  const answered = mine.filter((ask): ask is Answered => ask.ms !== null && ask.told !== null);
  const told = answered.flatMap((ask) => ask.told.ms[stage] ?? []);
  if (mine.length === 0) throw new NotMeasured(`no execution was asked for the stage ${stage} while the load ran`);
  if (answered.length - told.length > MAX_MISSING * answered.length)
    throw new NotMeasured(`only ${told.length} of ${answered.length} answers have a number for the stage ${stage}`);
  const answers = { source: 'responses', saw: `${answered.length} of ${mine.length} executions succeeded, ${told.length} told the stage` };
  const waited = `waited ${mean(answered.map(({ ms }) => ms))} ms on average`;
  const said = `${mean(told)} ms on average, by the target’s own word`;
  if (isWhole) {
    const witnesses = [answers, { source: 'caller', saw: `${waited}, which is what is judged` }, { source: 'answers', saw: said }];
    return { observation: timesOf(0.95, mine), witnesses };
  }
  requireTrue(answered);
  const parts = mine.flatMap(({ atMs, ms, told: figures }) =>
    ms !== null && figures?.ms[stage] === undefined ? [] : [{ atMs, ms: figures?.ms[stage] ?? null }],
  );
  return {
    observation: timesOf(0.95, parts),
    evidence: 'asserted',
    witnesses: [
      answers,
      { source: 'answers', saw: `${said}: nobody else can see it` },
      { source: 'caller', saw: `${waited} for all of it` },
    ],
  };
}

function requireTrue(answered: readonly Answered[]): void {
  const untrue = answered.filter(({ ms, told }) => told.claimedMs > ms + TOLERANCE_MS);
  const [example] = untrue;
  if (example === undefined || untrue.length <= MAX_LIES * answered.length) return;
  throw new NotMeasured(
    `in ${untrue.length} of ${answered.length} answers the stages add up to more than the caller waited (${example.told.claimedMs.toFixed(1)} ms told, ${example.ms.toFixed(1)} ms waited): they are not believed`,
  );
}

function mean(values: readonly number[]): string {
  return values.length === 0 ? '-' : (values.reduce((sum, value) => sum + value, 0) / values.length).toFixed(1);
}
