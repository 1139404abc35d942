import type { OwnThings } from '../../../harness/index.ts';

/** What a test makes, as a check would tell it: kind → how many are still there. */
export function ownThings(mark = '0123456789ab'): OwnThings & { readonly left: ReadonlyMap<string, number> } {
  const left = new Map<string, number>();
  const add = (what: string, count: number): void => void left.set(what, (left.get(what) ?? 0) + count);
  return {
    mark,
    made: ({ what, count }) => add(what, count),
    removed: ({ what, count }) => add(what, -count),
    left,
    note: () => undefined,
  };
}
