import type { Table } from './status-object.ts';

/** One move of several that were asked for at once. */
export interface AskedMove {
  readonly to: string;
  /** `refused` did not happen; `unknown` may have. */
  readonly seen: 'accepted' | 'refused' | 'unknown';
  readonly startMs: number;
  readonly endMs: number;
}

/** What became of an object on which moves were asked for at once. */
export interface Race {
  readonly from: string;
  readonly moves: readonly AskedMove[];
  /** Its state when all had been answered. */
  readonly final: string;
}

/**
 * Whether there is an order in which every accepted move was legal when its turn came, those of unknown outcome happened or not, and which
 * ends in the state that was found. What was over before another began comes before it. A refusal needs no reason: whoever loses a race may
 * be told to try again.
 */
export function isExplained(table: Table, { from, moves, final }: Race): boolean {
  const happened = moves.filter(({ seen }) => seen !== 'refused');
  const failed = new Set<string>();
  const search = (state: string, left: readonly AskedMove[]): boolean => {
    if (state === final && left.every(({ seen }) => seen === 'unknown')) return true;
    const at = `${state} ${left.map((move) => happened.indexOf(move)).join(' ')}`;
    if (failed.has(at)) return false;
    const found = left.some((move) => {
      const others = left.filter((other) => other !== move);
      const isFirst = others.every(({ seen, endMs }) => seen === 'unknown' || endMs >= move.startMs);
      return isFirst && (table[state] ?? []).includes(move.to) && search(move.to, others);
    });
    if (!found) failed.add(at);
    return found;
  };
  return search(from, happened);
}

/**
 * What is wrong with the recorded moves of an object (`from>to`, oldest first): each begins where the one before it ended, the last ends in the
 * state that was found, and every accepted move is among them. null when all is well.
 */
export function chainProblem(steps: readonly string[], { moves, final }: Race): string | null {
  const chain = steps.map((step) => step.split('>').map((state) => state.trim()));
  const broken = chain.findIndex(([from], index) => index > 0 && from !== chain[index - 1]?.[1]);
  if (broken > 0) return `the moves on record do not make a chain: ${steps[broken - 1]} is followed by ${steps[broken]}`;
  const last = chain.at(-1)?.[1];
  if (last !== undefined && last !== final) return `the last move on record is ${steps.at(-1)}, and the state is ${final}`;
  const reached = new Set(chain.map(([, to]) => to));
  const missing = moves.find(({ to, seen }) => seen === 'accepted' && !reached.has(to));
  return missing === undefined ? null : `the move to ${missing.to} was accepted and is not on record`;
}

/** Two moves from one state that do not go one after the other in either order. */
export interface Rivals {
  readonly from: string;
  readonly to: readonly [string, string];
}

/**
 * Pairs of legal moves from one state of which at most one order is legal, those that exclude each other first: if both are checked against
 * the same state, what is found afterwards cannot be explained in every case.
 */
export function rivalsIn(table: Table): readonly Rivals[] {
  const legal = (from: string, to: string): boolean => (table[from] ?? []).includes(to);
  const orders = ({ to: [a, b] }: Rivals): number => Number(legal(a, b)) + Number(legal(b, a));
  const pairs = Object.entries(table).flatMap(([from, targets]) =>
    targets.flatMap((a, index) =>
      targets.slice(index).flatMap((b): readonly Rivals[] => (a === from || b === from ? [] : [{ from, to: [a, b] }])),
    ),
  );
  return pairs.filter((pair) => orders(pair) < 2).toSorted((a, b) => orders(a) - orders(b));
}
