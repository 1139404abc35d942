import type { Effect } from '../model/state.ts';
import { compareEffects, worstEffect } from './effect.ts';

interface Orderable {
  readonly id: string;
  readonly effect: Effect;
  readonly blockedBy: string | null;
}

/**
 * Worst first, and what an earlier failure blocked directly after its root cause, however bad it is by itself. A group stands
 * where its worst member would stand; equals keep their order.
 */
export function orderForReport<T extends Orderable>(results: readonly T[]): readonly T[] {
  const byId = new Map(results.map((result) => [result.id, result]));
  const groups = new Map<string, T[]>();
  for (const result of results) {
    const root = rootOf(result, byId);
    groups.set(root, [...(groups.get(root) ?? []), result]);
  }
  return [...groups]
    .map(([root, members]) => ({ members: members.toSorted((a, b) => Number(b.id === root) - Number(a.id === root) || byEffect(a, b)) }))
    .toSorted((a, b) => compareEffects(worstIn(b.members), worstIn(a.members)))
    .flatMap(({ members }) => members);
}

/** Id of the failure a result goes back to: its own when nothing blocked it, or when the blockers run in a circle. */
function rootOf<T extends Orderable>(result: T, byId: ReadonlyMap<string, T>): string {
  const seen = new Set<string>();
  let current: T = result;
  while (current.blockedBy !== null && !seen.has(current.id)) {
    seen.add(current.id);
    const blocker = byId.get(current.blockedBy);
    if (blocker === undefined) return current.id;
    current = blocker;
  }
  return current.id;
}

function byEffect(a: Orderable, b: Orderable): number {
  return compareEffects(b.effect, a.effect);
}

function worstIn(members: readonly Orderable[]): Effect {
  return worstEffect(members.map(({ effect }) => effect));
}
