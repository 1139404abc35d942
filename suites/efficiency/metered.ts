import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { NotMeasured, type MeterReading, type SuiteRun, type TypedExecution, type Work } from '../../harness/index.ts';
import type { Question } from './questions.ts';

/** One execution and what the meter, where one is bound, counted for it. */
export interface Metered {
  readonly execution: TypedExecution;
  /** null: no meter is bound, or the answer has no id to ask it for. */
  readonly meter: MeterReading | null;
}

const NOTHING = { tokens: 0, prompt: 0, completion: 0 };

/** A request that was turned away did nothing and cost nothing: it is made again, so often and no later than this. */
const TRIES = 4;
const LONGEST_WAIT_MS = 1_000;

/** Asks as an agent of its own, so that what a target keeps of a conversation is not part of the figures. */
export async function ask(
  run: SuiteRun,
  how: Work['served'],
  { text, item, cache }: Pick<Question, 'text' | 'item'> & { readonly cache: boolean },
): Promise<Metered> {
  const op = randomUUID();
  return metered(run, await insist(run, () => how({ text, item, cache, op, name: op, agent: `efficiency-${op}` })));
}

/** Does it again as long as the target says that it was too busy. */
export async function insist(run: SuiteRun, request: () => Promise<TypedExecution>): Promise<TypedExecution> {
  let execution = await request();
  for (let tried = 1; tried < TRIES && execution.outcome === 'shed' && !run.signal.aborted; tried += 1) {
    const seconds = Number(execution.answer.headers['retry-after'] ?? Number.NaN);
    await delay(Math.min(LONGEST_WAIT_MS, Number.isFinite(seconds) ? seconds * 1_000 : LONGEST_WAIT_MS / 4));
    execution = await request();
  }
  return execution;
}

export async function metered(run: SuiteRun, execution: TypedExecution): Promise<Metered> {
  if (execution.outcome !== 'ok' || execution.id === null || !run.target.has('meter')) return { execution, meter: null };
  const reading = await run.target.meter.read(execution.id);
  // An answer from the cache never reached the model: a meter that has not heard of it says the same as one that counted nothing.
  if (reading.answer.status === 404 && execution.cacheHit === true) return { execution, meter: { ...reading, ...NOTHING } };
  if (reading.tokens === null)
    throw new NotMeasured(
      `the meter knows nothing of operation ${execution.id}: ${reading.answer.error ?? `status ${reading.answer.status ?? 'none'}`}`,
    );
  return { execution, meter: reading };
}

/** By the meter, and by the answer itself only where no meter is bound; null: neither says. */
export function tokensOf({ execution, meter }: Metered): number | null {
  return meter === null ? execution.tokens : meter.tokens;
}

/** For checks that nothing but the meter can prove. @throws NotMeasured with what the meter did not say. */
export function counted({ execution, meter }: Metered, part: 'tokens' | 'prompt' | 'completion' = 'tokens'): number {
  const value = meter?.[part] ?? null;
  if (value !== null) return value;
  throw new NotMeasured(
    meter === null
      ? 'the answers carry no id to ask the meter for'
      : `the meter does not say \`${part}\` of operation ${execution.id ?? '?'}`,
  );
}

/** A sentence about executions that did not succeed; they are in no figure. */
export function failuresOf(all: readonly Metered[]): readonly string[] {
  const failed = all.filter(({ execution }) => execution.outcome !== 'ok');
  const [first] = failed;
  if (first === undefined) return [];
  const why = first.execution.answer.error ?? `status ${first.execution.answer.status ?? 'none'}`;
  return [`${failed.length} of ${all.length} executions did not succeed and are left out, first: ${why}`];
}
