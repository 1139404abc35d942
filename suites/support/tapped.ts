import { readTap, type SuiteRun, type TapReads, type Witness } from '../../harness/index.ts';

/** Of the shapes of keys that were read most, so many are named. */
const NAMED = 4;

/** What the tap has counted so far; null: there is none. */
export async function tapNow(run: SuiteRun): Promise<TapReads | null> {
  if (!run.spec.services.some(({ kind }) => kind === 'redis')) return null;
  const { tap } = await run.service('redis');
  return tap === undefined ? null : readTap(tap);
}

/** Key by key what reads found between two looks, or why nobody counted it. */
export function tapWitness(run: SuiteRun, before: TapReads | null, after: TapReads | null): Witness {
  const source = 'redis tap';
  if (before === null || after === null) return { source, saw: whyNone(run) };
  if (after.connections === 0) return { source, saw: 'no service has come this way: what they read went to Redis otherwise, if at all' };
  const shapes = Object.entries(after.reads)
    .map(([shape, { hits, misses, refused }]) => {
      const earlier = before.reads[shape] ?? { hits: 0, misses: 0, refused: 0 };
      const [found, not, refusals] = [hits - earlier.hits, misses - earlier.misses, refused - earlier.refused];
      return { shape, found, refusals, answered: found + not, asked: found + not + refusals };
    })
    .filter(({ asked }) => asked > 0)
    .toSorted((a, b) => b.asked - a.asked);
  const named = shapes.slice(0, NAMED).map(({ shape, found, answered, refusals }) => {
    const refused = refusals === 0 ? '' : `, ${refusals} refused`;
    return `${shape} ${found} of ${answered} found${refused}`;
  });
  const unread = Object.entries(after.deaf).map(([why, times]) => `${times} × ${why}`);
  const deaf = unread.length === 0 ? '' : `; not followed: ${unread.join(', ')}`;
  return { source, saw: `${named.join(', ') || 'no reads'}${deaf}` };
}

function whyNone(run: SuiteRun): string {
  const wanted = run.spec.services.some((service) => service.kind === 'redis' && service.tap === true);
  return wanted
    ? 'nobody counted the reads key by key: only the provider local stands between services and Redis'
    : 'nobody counted the reads key by key: `services.<redis>.tap` is not set';
}
