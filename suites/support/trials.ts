import { NotMeasured, type Observed } from '../../harness/index.ts';

/** What one try showed: whether the claim held, or why this try says nothing about it. */
export type Trial =
  | { readonly kind: 'held'; readonly note?: string }
  | { readonly kind: 'broken'; readonly problem: string }
  | { readonly kind: 'silent'; readonly why: string };

/** Counts the broken ones among those that say something. @throws NotMeasured with the first reason when none does. */
export function counted(trials: readonly Trial[], what: string): Observed {
  const broken = trials.flatMap((trial) => (trial.kind === 'broken' ? [trial.problem] : []));
  const silent = trials.flatMap((trial) => (trial.kind === 'silent' ? [trial.why] : []));
  const notes = trials.flatMap((trial) => (trial.kind === 'held' && trial.note !== undefined ? [trial.note] : []));
  const telling = trials.length - silent.length;
  if (telling === 0) throw new NotMeasured(silent[0] ?? 'nothing was tried');
  return {
    observation: { kind: 'count', trials: telling, count: broken.length, examples: broken.slice(0, 5) },
    witnesses: [
      { source: 'tries', saw: `${telling} ${what}, ${broken.length} of them went wrong` },
      ...notes.slice(0, 2).map((saw) => ({ source: 'responses', saw })),
      ...(silent.length === 0
        ? []
        : [{ source: 'left out', saw: `${silent.length} of ${trials.length} tries say nothing: ${silent[0] ?? ''}` }]),
    ],
  };
}
