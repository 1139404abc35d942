import type { Finding } from './finding.ts';
import { entriesOf, valueAt } from './finding.ts';

/** Samples of work: texts that are the same in every run, and fields for a body that takes none. Prices of tokens that nobody counts. */
export function lintEconomy(target: unknown): readonly Finding[] {
  const root = ['bindings', 'economy'];
  const groups = ['types', 'sizes'].flatMap((group) =>
    entriesOf(valueAt(target, [...root, group])).map(([name]) => [...root, group, name]),
  );
  return [
    ...[...groups, [...root, 'context']].flatMap((path) => [...sameEveryTime(target, path), ...nowhereToAdd(target, path)]),
    ...pricesOfNothing(target),
  ];
}

/** Prompt and completion have prices of their own, so the meter must count them apart. */
function pricesOfNothing(target: unknown): readonly Finding[] {
  const path = ['bindings', 'economy', 'prices'];
  if (valueAt(target, path) === undefined) return [];
  const missing = ['prompt', 'completion'].filter((part) => valueAt(target, ['bindings', 'meter', part]) === undefined);
  if (missing.length === 0) return [];
  const names = missing.map((part) => `bindings.meter.${part}`).join(' and ');
  return [
    { path, problem: `cannot be applied without ${names}`, allowed: 'a meter with `prompt` and `completion`, or no prices', shown: null },
  ];
}

/** What was asked in an earlier run may still be in the cache: each text must have a part that is new. */
function sameEveryTime(target: unknown, path: readonly string[]): readonly Finding[] {
  const texts = valueAt(target, [...path, 'texts']);
  if (!Array.isArray(texts)) return [];
  return texts.flatMap((text: unknown, index) =>
    typeof text !== 'string' || text.includes('${item}')
      ? []
      : [
          {
            path: [...path, 'texts', String(index)],
            problem: 'asks the same in every run, so that an answer may be left from the one before',
            allowed: 'a text with ${item} in it, such as status of ${item}',
          },
        ],
  );
}

function nowhereToAdd(target: unknown, path: readonly string[]): readonly Finding[] {
  if (valueAt(target, [...path, 'body']) === undefined) return [];
  return [
    ['bindings', 'execute', 'body'],
    ['bindings', 'economy', 'baseline', 'body'],
  ].flatMap((at) => {
    const body = valueAt(target, at);
    const takesFields = body === undefined || body === null || (typeof body === 'object' && !Array.isArray(body));
    return takesFields
      ? []
      : [{ path: [...path, 'body'], problem: `cannot be added to ${at.join('.')}`, allowed: 'a mapping there, or none here', shown: null }];
  });
}
