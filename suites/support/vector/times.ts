import { NotMeasured } from '../../../harness/index.ts';
import { PATIENCE_MS } from '../asked.ts';
import type { Search } from './searches.ts';

type Answered = Pick<Search, 'atMs' | 'ms' | 'refused' | 'isTurnedAway'>;

/** Where more are turned away, those that are not may be as quick as they are because of it. */
const MOST_TURNED_AWAY = 0.1;

/**
 * Pure. How long searches took. One that failed counts as the longest that anybody waits, one that was turned away not at all.
 * @throws NotMeasured when too many were turned away to say how long a search takes.
 */
export function timesOfSearches(searches: readonly Answered[]): readonly Pick<Search, 'atMs' | 'ms'>[] {
  const taken = searches.filter(({ isTurnedAway }) => !isTurnedAway);
  const turnedAway = searches.filter(({ isTurnedAway }) => isTurnedAway);
  if (turnedAway.length > MOST_TURNED_AWAY * searches.length)
    throw new NotMeasured(
      `${turnedAway.length} of ${searches.length} searches were turned away (${turnedAway[0]?.refused ?? ''}), also when they were sent again: how long a search takes cannot be said of the others`,
    );
  return taken.map(({ atMs, ms, refused }) => ({ atMs, ms: refused === null ? ms : PATIENCE_MS }));
}
