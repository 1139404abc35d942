import type {
  Anomaly,
  AnomalyName,
  BankAction,
  CounterAction,
  HistoryWitness,
  Judgement,
  ListAction,
  Observed,
  Recorded,
  RegisterAction,
  SetAction,
  Witness,
} from '../../harness/index.ts';

const MAX_EXAMPLES = 5;
/** Values of a read that are told; the others are counted. */
const SHOWN_VALUES = 3;

/** The anomalies of these names as a count among `trials`, with what each was found by. */
export function anomalyObservation(
  { anomalies, ...judged }: Judgement,
  names: readonly AnomalyName[],
  trials: number,
): Pick<Observed, 'observation' | 'witnesses'> {
  const found = anomalies.filter(({ name }) => names.includes(name));
  const count = found.reduce((sum, anomaly) => sum + anomaly.count, 0);
  return {
    observation: { kind: 'count', trials, count, examples: found.flatMap(examplesOf).slice(0, MAX_EXAMPLES) },
    witnesses: [
      {
        source: 'history',
        saw: `${judged.operations} operations, ${judged.acknowledged} acknowledged, ${judged.unknown} of unknown outcome; ${judged.overlapping} pairs of acknowledged writes to one key were under way at the same time`,
      },
      ...found.flatMap(witnessesOf).slice(0, MAX_EXAMPLES),
    ],
  };
}

function examplesOf({ name, witnesses }: Anomaly): readonly string[] {
  return witnesses.map(({ sentence }) => `${name}: ${sentence}`);
}

function witnessesOf({ name, witnesses }: Anomaly): readonly Witness[] {
  return witnesses.map((witness) => ({ source: name, saw: witness.sentence, timeline: witness.operations.map(barOf) }));
}

function barOf({
  session,
  invokedMs,
  returnedMs,
  outcome,
  action,
}: HistoryWitness['operations'][number]): NonNullable<Witness['timeline']>[number] {
  return { lane: `session ${session}`, label: labelOf(action), startMs: invokedMs, endMs: returnedMs, open: outcome === 'unknown' };
}

type Action = ListAction | RegisterAction | SetAction | CounterAction | BankAction;

function labelOf(action: Recorded<unknown>['action']): string {
  const told = action as Action;
  if ('parts' in told) return labelOfParts(told.parts);
  if (told.kind === 'transfer') return `move ${told.amount} from ${told.from} to ${told.to}`;
  if (told.kind === 'write') return `write ${told.value} on ${told.base ?? 'whatever is there'}`;
  if (told.kind === 'add') return `add ${'delta' in told ? told.delta : told.value}`;
  return labelOfRead(told);
}

type Read = Extract<Exclude<Action, ListAction>, { readonly kind: 'read' }>;

function labelOfRead(told: Read): string {
  if ('balances' in told) return `read ${told.balances === null ? 'nothing' : balancesOf(told.balances)}`;
  if ('values' in told) return `read ${told.values === null ? 'nothing' : listed(told.values)}`;
  return `read ${told.value ?? 'nothing'}${'version' in told && told.version !== null ? ` as version ${told.version}` : ''}`;
}

function labelOfParts(parts: ListAction['parts']): string {
  return parts
    .map((part) => (part.kind === 'append' ? `append ${part.value}` : `read ${part.values === null ? 'nothing' : listed(part.values)}`))
    .join(', ');
}

function balancesOf(balances: Readonly<Record<string, number>>): string {
  const all = Object.entries(balances);
  const shown = all.slice(0, SHOWN_VALUES).map(([account, balance]) => `${balance} in ${account}`);
  return `${shown.join(', ')}${all.length > SHOWN_VALUES ? ` and ${all.length - SHOWN_VALUES} more` : ''}`;
}

function listed(values: readonly (string | number)[]): string {
  const last = values.slice(-SHOWN_VALUES).join(' ');
  return values.length <= SHOWN_VALUES ? last || 'an empty list' : `${values.length} values, at last ${last}`;
}
