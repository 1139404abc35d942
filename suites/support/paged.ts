/** No page is shorter, and nearly all are a round number long. */
const SHORTEST_PAGE = 10;
const ROUND = 5;
/** One list may end there by chance. */
const FEWEST_LISTS = 2;

interface Sides {
  /** What the target shows of a list, and what its database holds of it. */
  readonly shown: readonly string[];
  readonly stored: readonly string[];
}

/**
 * Pure. The length of a page, when lists that are longer in the database all end at the same round number, without a gap: then a page was bound
 * instead of the whole, and nothing is missing. null: they do not.
 */
export function pageLength(lists: readonly Sides[]): number | null {
  const shorter = lists.filter(({ shown, stored }) => shown.length < stored.length);
  const [length = 0, ...others] = new Set(shorter.map(({ shown }) => shown.length));
  const isPage = length >= SHORTEST_PAGE && length % ROUND === 0 && others.length === 0 && shorter.length >= FEWEST_LISTS;
  return isPage && shorter.every(isEndOf) ? length : null;
}

/** The first or the last of what is stored, from either end. */
function isEndOf({ shown, stored }: Sides): boolean {
  const ends = [stored.slice(0, shown.length), stored.slice(-shown.length)];
  return ends.some((end) => isSame(end, shown) || isSame(end.toReversed(), shown));
}

const isSame = (one: readonly string[], other: readonly string[]): boolean => one.every((value, index) => value === other[index]);
