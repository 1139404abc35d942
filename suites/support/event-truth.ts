/** What a read that began after the event had come showed of its change. */
export type Look = 'there' | 'missing' | 'unknown';

export interface Told {
  readonly key: string;
  readonly value: string | null;
  readonly look: Look;
  /** What the binding demands and the event does not carry. */
  readonly lacks: readonly string[];
  /** null: not bound, or not in the event. */
  readonly sequence: number | null;
}

export interface Story {
  /** Events of each subscription in the order in which they came. */
  readonly told: readonly (readonly Told[])[];
  /** Values whose append was refused, and how it was answered. */
  readonly refused: ReadonlyMap<string, string>;
  /** What each key holds in the end, in its order. */
  readonly lists: ReadonlyMap<string, readonly string[]>;
}

export interface Truth {
  readonly trials: number;
  /** One sentence per event that lies. */
  readonly wrong: readonly string[];
}

/** Whether every event tells of something that happened, when it had happened, in the order in which it did, and whole. */
export function judgeEvents({ told, refused, lists }: Story): Truth {
  const known = told.flat().filter(({ look }) => look !== 'unknown');
  const wrong = [
    ...told.flat().flatMap((event) => refusedOf(event, refused) ?? unfounded(event, lists) ?? []),
    ...told.flatMap((events) => [...overtaking(events, lists), ...outOfSequence(events)]),
    ...told
      .flat()
      .flatMap(({ value, lacks }) =>
        lacks.length === 0 ? [] : [`the event of ${value ?? 'no value'} has no \`${lacks.join('`, no `')}\``],
      ),
  ];
  return { trials: known.length + refused.size, wrong };
}

function refusedOf({ value }: Told, refused: Story['refused']): string | null {
  const answer = value === null ? undefined : refused.get(value);
  return answer === undefined ? null : `the append of ${value ?? ''} was refused (${answer}), and its event was sent all the same`;
}

function unfounded({ key, value, look }: Told, lists: Story['lists']): string | null {
  if (look !== 'missing') return null;
  const later = value !== null && lists.get(key)?.includes(value) === true;
  const name = `the event of ${value ?? 'no value'}`;
  return later
    ? `${name} came before its change: who read ${key} on it did not find it; it was there later`
    : `${name} tells of a change of ${key} that never happened`;
}

/** Events that come after one of a later change. */
function overtaking(events: readonly Told[], lists: Story['lists']): readonly string[] {
  let last: { readonly place: number; readonly value: string } | null = null;
  const late: string[] = [];
  for (const { key, value } of events) {
    const place = value === null ? -1 : (lists.get(key)?.indexOf(value) ?? -1);
    if (value === null || place < 0) continue;
    if (last !== null && place < last.place)
      late.push(`the event of ${value} (place ${place + 1} of ${key}) came after that of ${last.value} (place ${last.place + 1})`);
    else last = { place, value };
  }
  return late;
}

function outOfSequence(events: readonly Told[]): readonly string[] {
  const numbered = events.flatMap(({ value, sequence }) => (sequence === null ? [] : [{ value, sequence }]));
  return numbered.flatMap(({ value, sequence }, index) => {
    const before = numbered[index - 1];
    // The same event once more is no other one.
    if (before === undefined || before.sequence < sequence || (before.sequence === sequence && before.value === value)) return [];
    return [`the event of ${value ?? 'no value'} has number ${sequence} and came after number ${before.sequence}`];
  });
}
