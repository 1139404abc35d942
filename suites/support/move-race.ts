import { randomUUID } from 'node:crypto';
import type { SuiteRun } from '../../harness/index.ts';
import type { AskedMove, Race, Rivals } from './move-order.ts';
import { objectIn, stateNow } from './status-object.ts';

/** Each of two rivals is asked for so often at once. */
const TIMES = 2;

export interface RunRace extends Race {
  readonly id: string;
}

/** Moves that do not go together are asked for at once on a new object; null when its state could not be read afterwards. */
export async function race(run: SuiteRun, { from, to }: Rivals): Promise<RunRace | null> {
  const workspace = run.workspace();
  const id = await objectIn(run, from, workspace);
  const targets = Array.from({ length: TIMES }, () => to).flat();
  const moves = await Promise.all(targets.map((target) => ask(run, { id, workspace, to: target })));
  const final = await stateNow(run, { id, workspace });
  return final === null ? null : { id, from, moves, final };
}

async function ask(run: SuiteRun, variables: { readonly id: string; readonly workspace: string; readonly to: string }): Promise<AskedMove> {
  const startMs = run.now();
  const { accepted, outcome } = await run.target.transitions.move({ ...variables, op: randomUUID() });
  const seen = accepted ? 'accepted' : outcome === 'rejected' ? 'refused' : 'unknown';
  return { to: variables.to, seen, startMs, endMs: run.now() };
}

/** What was asked and answered, for a person. */
export function raceText({ id, from, moves, final }: RunRace): string {
  return `object ${id}, ${from}: ${moves.map(({ to, seen }) => `${to} ${seen}`).join(', ')} at once; now it is ${final}`;
}

/** Whether it can have been a race: two that were answered for certain were under way at the same time. */
export function isContested({ moves }: Race): boolean {
  const certain = moves.filter(({ seen }) => seen !== 'unknown');
  return certain.some((one, index) => certain.slice(index + 1).some((other) => one.startMs <= other.endMs && other.startMs <= one.endMs));
}
