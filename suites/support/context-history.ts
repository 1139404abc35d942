import { randomUUID } from 'node:crypto';
import { HistoryRecorder, type Recorded, type RegisterAction, type SuiteRun } from '../../harness/index.ts';
import { type ContextAt, makeContext, requireHead, shownAs, type Written, writeOn } from './context.ts';
import { inParallel } from './in-parallel.ts';
import { lookPast } from './until.ts';

/** So many write on one version at once. */
const WRITERS = 5;
const AT_ONCE = 3;

export interface ContextHistory {
  readonly operations: readonly Recorded<RegisterAction>[];
  /** What the history cannot say: wrong versions, wrong refusals. */
  readonly problems: readonly string[];
  /** Refusals with a status that the binding does not name: whether they mean another version is not known. */
  readonly odd: readonly string[];
  /** Writes that were answered for certain while others wrote on the same version, or on one that was over. */
  readonly trials: number;
}

interface Recording {
  readonly run: SuiteRun;
  readonly recorder: HistoryRecorder<RegisterAction>;
  readonly problems: string[];
  readonly odd: string[];
  /** The newest version that anybody was told of, by context. */
  readonly known: Map<string, number>;
  trials: number;
}

/** Several write on the version that all of them have read, round after round; then one more writes on a version that is over. */
export async function recordContexts(run: SuiteRun, size: { readonly contexts: number; readonly rounds: number }): Promise<ContextHistory> {
  const recorder = new HistoryRecorder<RegisterAction>(() => run.now());
  const recording: Recording = { run, recorder, problems: [], odd: [], known: new Map(), trials: 0 };
  await inParallel(Array.from({ length: size.contexts }), { width: AT_ONCE, signal: run.signal }, async (_, index) => {
    const at = await makeContext(run);
    for (let round = 0; round < size.rounds && !run.signal.aborted; round += 1) await play(recording, at, index);
    // What came of the last round.
    await look(recording, at, index);
  });
  return { operations: recorder.operations, problems: recording.problems, odd: recording.odd, trials: recording.trials };
}

async function play(recording: Recording, at: ContextAt, index: number): Promise<void> {
  const base = await look(recording, at, index);
  const together = await Promise.all(
    Array.from({ length: WRITERS }, (_, writer) => write(recording, at, { base, session: index * (WRITERS + 1) + writer + 1 })),
  );
  const certain = together.filter(({ seen }) => seen !== 'unknown');
  if (certain.length > 1) recording.trials += certain.length;
  const name = `${at.name} of ${at.id}`;
  // A write of unknown outcome may have come late, and made the version an old one.
  const isMoved = (version: number): boolean => version !== base;
  if (together.every(({ seen }) => seen === 'refused') && !isMoved(await look(recording, at, index, isMoved)))
    recording.problems.push(`${WRITERS} wrote on version ${base} of ${name}, which was the newest, and all were refused`);
  if (!together.some(({ seen }) => seen === 'accepted')) return;
  const late = await write(recording, at, { base, session: index * (WRITERS + 1) });
  if (late.seen !== 'unknown') recording.trials += 1;
}

/** The version that everybody writes on: the newest that is known of, or as new as the target must show it. Every look is part of the history. */
async function look(recording: Recording, at: ContextAt, index: number, isEnough = isNewest(recording, at)): Promise<number> {
  const { run, recorder, known } = recording;
  const read = async (): Promise<number> => {
    const seen = await recorder.record(index * (WRITERS + 1), async () => {
      const { version, value } = await requireHead(run, at);
      return { outcome: 'ok', action: { kind: 'read', key: keyOf(at), value, version } };
    });
    return seen.action.version ?? 0;
  };
  const version = await lookPast(read, isEnough, shownAs(run));
  known.set(keyOf(at), Math.max(version, known.get(keyOf(at)) ?? version));
  return version;
}

function isNewest({ known }: Recording, at: ContextAt): (version: number) => boolean {
  return (version) => version >= (known.get(keyOf(at)) ?? version);
}

async function write(recording: Recording, at: ContextAt, given: { readonly base: number; readonly session: number }): Promise<Written> {
  const { run, recorder, problems, odd } = recording;
  const { base, session } = given;
  const value = randomUUID();
  let done: Written | undefined;
  await recorder.record(session, async () => {
    const written = await writeOn(run, at, { base, value });
    done = written;
    const outcome = ({ accepted: 'ok', refused: 'fail', unknown: 'unknown' } as const)[written.seen];
    return { outcome, action: { kind: 'write', key: keyOf(at), value, base, version: written.version } };
  });
  if (done === undefined) throw new Error('a recorded write has no result'); // invariant: `record` does the work
  if (done.version !== null) recording.known.set(keyOf(at), Math.max(done.version, recording.known.get(keyOf(at)) ?? 0));
  const name = `a write on version ${base} of ${at.name} of ${at.id}`;
  if (done.seen === 'accepted' && done.version !== base + 1)
    problems.push(`${name} was accepted as version ${done.version ?? 'nothing'} instead of ${base + 1}`);
  const { status } = done.answer;
  if (done.seen === 'refused' && status !== null && !run.target.requireBinding('context').refused.includes(status))
    odd.push(`${name} was refused with ${status}, which \`context.refused\` does not name`);
  return done;
}

function keyOf({ id, name }: ContextAt): string {
  return `${id}/${name}`;
}
