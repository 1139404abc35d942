import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  NotMeasured,
  type EvidenceClass,
  type MeterReading,
  type SuiteRun,
  type TypedExecution,
  type Witness,
  type Work,
} from '../../harness/index.ts';
import type { Question } from './questions.ts';

/** One execution and what the meter, where one is bound, counted for it. */
export interface Metered {
  readonly execution: TypedExecution;
  /** null: no meter is bound, or the answer has no id to ask it for. */
  readonly meter: MeterReading | null;
  /** How often the target was too busy for it before. */
  readonly turnedAway: number;
}

const NOTHING = { tokens: 0, prompt: 0, completion: 0 };

/** A request that was turned away did nothing and cost nothing: it is made again, so often and no later than this. */
const TRIES = 4;
const LONGEST_WAIT_MS = 1_000;

interface Asked extends Pick<Question, 'text' | 'item'> {
  readonly cache: boolean;
  /** 1 where what is done when many ask at once is what is looked for. */
  readonly tries?: number;
}

/** Asks as an agent of its own, so that what a target keeps of a conversation is not part of the figures. */
export async function ask(run: SuiteRun, how: Work['served'], { text, item, cache, tries = TRIES }: Asked): Promise<Metered> {
  const op = randomUUID();
  return insist(run, () => how({ text, item, cache, op, name: op, agent: `efficiency-${op}` }), tries);
}

/** Does it again as long as the target says that it was too busy, and counts how often that was. */
export async function insist(run: SuiteRun, request: () => Promise<TypedExecution>, tries = TRIES): Promise<Metered> {
  let execution = await request();
  let turnedAway = 0;
  while (execution.outcome === 'shed' && turnedAway < tries - 1 && !run.signal.aborted) {
    turnedAway += 1;
    const seconds = Number(execution.answer.headers['retry-after'] ?? Number.NaN);
    await delay(Math.min(LONGEST_WAIT_MS, Number.isFinite(seconds) ? seconds * 1_000 : LONGEST_WAIT_MS / 4));
    execution = await request();
  }
  return { execution, meter: await readingOf(run, execution), turnedAway };
}

async function readingOf(run: SuiteRun, execution: TypedExecution): Promise<MeterReading | null> {
  if (execution.outcome !== 'ok' || execution.id === null || !run.target.has('meter')) return null;
  const reading = await run.target.meter.read(execution.id);
  // An answer from the cache never reached the model: a meter that has not heard of it says the same as one that counted nothing.
  if (reading.answer.status === 404 && execution.cacheHit === true) return { ...reading, ...NOTHING };
  if (reading.tokens === null)
    throw new NotMeasured(
      `the meter knows nothing of operation ${execution.id}: ${reading.answer.error ?? `status ${reading.answer.status ?? 'none'}`}`,
    );
  return reading;
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

/** What answers say of themselves is no measurement of them. */
export function evidenceOf(all: readonly Metered[]): EvidenceClass {
  return all.every(({ meter }) => meter !== null) ? 'measured' : 'asserted';
}

/** About executions that did not succeed, which are in no figure, and those that succeeded only when they were made again. */
export function mishapsOf(all: readonly Metered[]): readonly Witness[] {
  const failed = all.filter(({ execution }) => execution.outcome !== 'ok');
  const again = all.filter(({ turnedAway }) => turnedAway > 0);
  const times = again.reduce((total, { turnedAway }) => total + turnedAway, 0);
  const [first] = failed;
  const why = first?.execution.answer.error ?? `status ${first?.execution.answer.status ?? 'none'}`;
  return [
    ...(first === undefined ? [] : [`${failed.length} of ${all.length} executions did not succeed and are left out, first: ${why}`]),
    ...(times === 0
      ? []
      : [`${again.length} of ${all.length} executions were turned away as too many and made again, ${times} times in all`]),
  ].map((saw) => ({ source: 'responses', saw }));
}
