import { NotMeasured, type Observed, type Prices, type SuiteRun, type WorkType } from '../../harness/index.ts';
import { savingOf, savingOfSums, sum, type Pair } from '../support/savings.ts';
import { counted, mishapsOf, type Metered } from './metered.ts';
import type { Story } from './served.ts';

interface Served {
  readonly stories: readonly Story[];
  readonly window: { readonly startMs: number; readonly endMs: number };
}

/** What an answer may say of its own baseline beyond the measured one. */
const CLAIM_TOLERANCE = 1.1;

export function overall(run: SuiteRun, { stories, window }: Served): Observed {
  const { witnesses, observation } = reduction(stories, stories);
  const { economy, meter } = run.spec.bindings;
  // What an answer costs rests on both parts of it; savings rest on their sum alone.
  const prices = meter?.prompt === undefined || meter.completion === undefined ? undefined : economy?.prices;
  return {
    observation,
    window,
    witnesses: [...(witnesses ?? []), ...(prices === undefined ? [] : [{ source: 'prices', saw: costLine(stories, prices) }])],
  };
}

/** @throws NotMeasured when answers say that the work was of another type than the binding does. */
export function byType({ stories, window }: Served, type: WorkType): Observed {
  const own = stories.filter(({ question }) => question.type === type);
  const seen = own.flatMap(({ asks }) =>
    asks.flatMap(({ execution }) => (execution.outcome === 'ok' && execution.type !== null ? [execution.type] : [])),
  );
  const others = seen.filter((found) => found !== type);
  if (others.length > 0)
    throw new NotMeasured(
      `${others.length} of ${seen.length} answers to texts of \`economy.types.${type}\` say they are of type ${others[0] ?? '?'}`,
    );
  return { ...reduction(own, stories), window };
}

function reduction(stories: readonly Story[], all: readonly Story[]): Observed {
  const pairs = stories.flatMap(pairOf);
  const claims = stories.flatMap(({ asks }) => asks.flatMap(({ execution }) => (execution.baseline === null ? [] : [execution.baseline])));
  const used = sum(pairs.flatMap(({ served }) => served));
  return {
    observation: { kind: 'mean', unit: '%', samples: pairs.map(savingOf) },
    witnesses: [
      {
        source: 'meter',
        saw: `${used} tokens instead of ${Math.round(sum(pairs.map(({ served, baseline }) => served.length * baseline)))}: ${percent(savingOfSums(pairs))} of all together, each text asked ${pairs[0]?.served.length ?? 0} times`,
      },
      ...(claims.length === 0 ? [] : [{ source: 'responses', saw: `by their own baseline ${percent(1 - used / sum(claims))}` }]),
      ...mishapsOf(all.flatMap(everyAsk)),
    ],
  };
}

/** As it was served, and without the optimisations. */
function everyAsk({ asks, baseline }: Story): readonly Metered[] {
  return baseline === null ? asks : [...asks, baseline];
}

/** A text whose baseline was answered, and that was answered at least once itself. */
function pairOf({ asks, baseline }: Story): readonly Pair[] {
  const served = asks.filter(({ execution }) => execution.outcome === 'ok').map((one) => counted(one));
  if (baseline === null || baseline.execution.outcome !== 'ok' || served.length === 0) return [];
  return [{ served, baseline: counted(baseline) }];
}

export function baselineClaims({ stories, window }: Served): Observed {
  const compared = stories.flatMap((story) =>
    pairOf(story).flatMap(({ baseline }) =>
      story.asks.flatMap(({ execution }) => (execution.baseline === null ? [] : [{ claimed: execution.baseline, baseline, execution }])),
    ),
  );
  const inflated = compared.filter(({ claimed, baseline }) => claimed > baseline * CLAIM_TOLERANCE);
  return {
    observation: {
      kind: 'count',
      trials: compared.length,
      count: inflated.length,
      examples: inflated
        .slice(0, 5)
        .map(
          ({ claimed, baseline, execution }) =>
            `execution ${execution.id ?? '?'} says it would have cost ${claimed} tokens; without the optimisations it cost ${baseline}`,
        ),
    },
    window,
    witnesses: [
      { source: 'responses', saw: `a baseline of ${mean(compared.map(({ claimed }) => claimed))} tokens on average` },
      { source: 'meter', saw: `${mean(compared.map(({ baseline }) => baseline))} tokens on average with the optimisations off` },
      ...mishapsOf(stories.flatMap(everyAsk)),
    ],
  };
}

/** Cost per operation as a share of its limit: one sample per text, over all the times it was asked. */
export function costs(run: SuiteRun, { stories, window }: Served): Observed {
  const prices = run.spec.bindings.economy?.prices;
  const limit = prices?.limitPerOperation;
  if (prices === undefined || limit === undefined) throw new NotMeasured('no binding `economy.prices.limitPerOperation`');
  const samples = stories.flatMap(({ asks }) => {
    const answered = asks.filter(({ execution }) => execution.outcome === 'ok');
    return answered.length === 0 ? [] : [sum(answered.map((one) => costOf(one, prices))) / answered.length / limit];
  });
  const witnesses = [{ source: 'meter', saw: costLine(stories, prices) }, ...mishapsOf(stories.flatMap(({ asks }) => asks))];
  return { observation: { kind: 'mean', unit: '%', samples }, window, witnesses };
}

function costOf(one: Metered, { inputPerMillion, outputPerMillion }: Prices): number {
  return (counted(one, 'prompt') * inputPerMillion + counted(one, 'completion') * outputPerMillion) / 1_000_000;
}

/** Per operation, day and month as it is served, and what it would be with every optimisation off. */
function costLine(stories: readonly Story[], prices: Prices): string {
  const answered = stories.flatMap(({ asks }) => asks).filter(({ execution }) => execution.outcome === 'ok');
  const plain = stories.flatMap(({ baseline }) => (baseline?.execution.outcome === 'ok' ? [baseline] : []));
  const money = (value: number): string => `${Number(value.toPrecision(3))} ${prices.currency}`;
  const line = (all: readonly Metered[]): string => {
    const each = sum(all.map((one) => costOf(one, prices))) / all.length;
    const day = each * prices.operationsPerDay;
    return `${money(each)} an operation, ${money(day)} a day, ${money(day * 30)} a month`;
  };
  return plain.length === 0 ? line(answered) : `${line(answered)}; without the optimisations ${line(plain)}`;
}

function mean(values: readonly number[]): string {
  return values.length === 0 ? 'no' : String(Math.round(sum(values) / values.length));
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`;
}
