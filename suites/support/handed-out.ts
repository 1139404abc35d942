import type { Claim } from './tasks.ts';

export interface Handing {
  readonly tasks: readonly string[];
  readonly claims: readonly Claim[];
  /** Who was told that a task is completed, by task. */
  readonly completed: ReadonlyMap<string, readonly string[]>;
  /** The state of each task when nothing was left to take; null: not readable. */
  readonly states: ReadonlyMap<string, string | null>;
  readonly done: readonly string[];
}

export interface Handed {
  /** One sentence per task that was not done exactly once. */
  readonly wrong: readonly string[];
  /** Tasks of which nobody can say, because a claim had no answer. */
  readonly open: number;
}

/** Whether each task was handed to one worker, done by it, and is done. */
export function judgeHanding(handing: Handing): Handed {
  const findings = handing.tasks.map((id) => judgeTask(id, handing));
  return {
    wrong: findings.filter((finding) => finding !== 'open' && finding !== 'right'),
    open: findings.filter((finding) => finding === 'open').length,
  };
}

/** A sentence when something is wrong. */
function judgeTask(id: string, { claims, completed, states, done }: Handing): string {
  const taken = claims.filter((claim) => claim.id === id);
  const [first] = taken;
  const state = states.get(id) ?? null;
  if (taken.length > 1) return twice(id, taken, completed.get(id)?.length ?? 0);
  if (first === undefined) {
    if (claims.some(({ known }) => !known)) return 'open';
    return `task ${id} was handed to nobody, although workers asked until nothing was left; its state is ${state ?? 'unreadable'}`;
  }
  if (!completed.has(id) || state === null) return 'open';
  return done.includes(state) ? 'right' : `task ${id} was completed by ${first.worker} and acknowledged, but its state is ${state}`;
}

function twice(id: string, taken: readonly Claim[], completions: number): string {
  // Without an acknowledged end one worker may be given again what is his already.
  if (completions === 0 && taken.every(({ worker }) => worker === taken[0]?.worker)) return 'open';
  const sorted = taken.toSorted((a, b) => a.atMs - b.atMs);
  const first = sorted[0]?.atMs ?? 0;
  const told = sorted.map(({ worker, atMs }) => `${worker} (after ${Math.round(atMs - first)} ms)`).join(' and ');
  return `task ${id} was handed to ${told}; it was completed ${completions === 1 ? 'once' : `${completions} times`}`;
}
