import type { Anomaly } from './anomaly.ts';
import { Findings } from './anomaly.ts';
import { checkBank } from './bank.ts';
import { checkCounters } from './counter.ts';
import { acknowledgedIntervals, overlappingPairs } from './evidence.ts';
import type { CounterAction, History, Recorded, RegisterAction, SetAction } from './history.ts';
import { checkLists } from './list.ts';
import { checkRegisters } from './register.ts';
import { checkSets } from './set.ts';

export interface Judgement {
  readonly anomalies: readonly Anomaly[];
  readonly operations: number;
  readonly acknowledged: number;
  /** Operations whose outcome nobody knows: allowed in what is read, required of nothing. */
  readonly unknown: number;
  /** Pairs of acknowledged writes on one key under way at the same time: what the answer rests on. */
  readonly overlapping: number;
}

/** Judges a history. Pure; linear but for sorting. A judgement without overlapping pairs says nothing about concurrency. */
export function checkHistory(history: History): Judgement {
  const findings = new Findings();
  run(history, findings);
  const operations: readonly { readonly outcome: string }[] = history.operations;
  return {
    anomalies: findings.anomalies(),
    operations: operations.length,
    acknowledged: operations.filter(({ outcome }) => outcome === 'ok').length,
    unknown: operations.filter(({ outcome }) => outcome === 'unknown').length,
    overlapping: overlappingPairs(writeIntervals(history)),
  };
}

function run(history: History, findings: Findings): void {
  switch (history.model) {
    case 'list':
      return checkLists(history.operations, findings, history.stalenessMs);
    case 'register':
      return checkRegisters(history.operations, findings, history.stalenessMs);
    case 'counter':
      return checkCounters(history, findings);
    case 'set':
      return checkSets(history.operations, findings, history.stalenessMs);
    case 'bank':
      return checkBank(history, findings);
  }
}

function writeIntervals(history: History): ReturnType<typeof acknowledgedIntervals> {
  if (history.model === 'list')
    return acknowledgedIntervals(history.operations, ({ parts }) => parts.flatMap((part) => (part.kind === 'append' ? [part.key] : [])));
  if (history.model === 'bank')
    return acknowledgedIntervals(history.operations, (action) => (action.kind === 'transfer' ? [action.from, action.to] : []));
  const operations: readonly Recorded<RegisterAction | CounterAction | SetAction>[] = history.operations;
  return acknowledgedIntervals(operations, (action) => (action.kind === 'read' ? [] : [action.key]));
}
