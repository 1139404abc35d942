import { randomUUID } from 'node:crypto';
import { NotMeasured, type SuiteRun } from '../../harness/index.ts';
import { objectIn, stateNow, stateWhere } from './status-object.ts';

export type Move = readonly [from: string, to: string];

interface Rule {
  readonly legal: boolean;
  /** HTTP statuses that mean "refused". */
  readonly refused: readonly number[];
}

/**
 * One move on a fresh object: what is wrong with it in a sentence, or null.
 * @throws NotMeasured when the target was too busy to say, gave no answer, or does not show the state afterwards.
 */
export async function tryMove(run: SuiteRun, [from, to]: Move, rule: Rule): Promise<string | null> {
  const workspace = run.workspace();
  const object = { id: await objectIn(run, from, workspace), workspace };
  const moved = await run.target.transitions.move({ ...object, to, op: randomUUID() });
  const name = `${from} → ${to}`;
  const { status, error } = moved.answer;
  if (status === null || (moved.outcome === 'shed' && !moved.refused))
    throw new NotMeasured(`whether ${name} is done as the table says is not known: it was answered with ${status ?? error ?? 'nothing'}`);
  if (moved.accepted)
    return afterAccepted(name, to, {
      legal: rule.legal,
      state: await stateWhere(run, object, (state) => state === to),
    });
  if (rule.legal) return `${name} is legal and was answered with ${status}`;
  if (!moved.refused) return `${name} is illegal and was answered with ${status} instead of ${rule.refused.join(' or ')}`;
  const after = await stateNow(run, object);
  if (after === null) throw notShown(name);
  return after === from ? null : `${name} was refused, but the state is ${after}`;
}

function afterAccepted(
  name: string,
  to: string,
  { legal, state }: { readonly legal: boolean; readonly state: string | null },
): string | null {
  if (!legal) return `${name} is illegal and was accepted; the state is ${state ?? 'unreadable'}`;
  if (state === null) throw notShown(name);
  return state === to ? null : `${name} was accepted, but the state is ${state}`;
}

const notShown = (name: string): NotMeasured =>
  new NotMeasured(`what became of ${name} is not known: the state could not be read after it`);
