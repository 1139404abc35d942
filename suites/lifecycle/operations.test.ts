import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { check, createPostgresWitness, NotMeasured, type SuiteRun } from '../../harness/index.ts';
import { inParallel, MODEST } from '../support/in-parallel.ts';
import { lookUntil } from '../support/until.ts';
import { runWork } from '../support/work-end.ts';

const END_WITHIN_MS = 20_000;
/** An event may be so much later than the change it tells of. */
const TOLD_WITHIN_MS = 5_000;
/** Listening goes on so long: what must not be told after the end has no event to wait for. */
const QUIET_MS = 300;

check('lifecycle.operations.end_state', async (run) => {
  const binding = run.spec.bindings.operation;
  if (binding === undefined) throw new NotMeasured('the target has no binding `operation`');
  const attempts = await Promise.all(binding.kinds.map((kind) => operate(run, kind)));
  return {
    observation: { kind: 'boolean', attempts },
    witnesses: attempts.map(({ note }) => ({ source: binding.effect === undefined ? 'polling' : 'polling and database', saw: note })),
  };
});

check('lifecycle.operations.events', async (run) => {
  const binding = run.target.requireBinding('operation');
  if (binding.events === undefined) throw new NotMeasured('the target has no binding `operation.events`');
  const workspace = run.workspace();
  const opened = await run.target.openEvents({ workspace }, binding.events);
  if (!opened.ok) throw new NotMeasured(`no subscription to the events of operations could be opened: ${opened.error}`);
  const stream = opened.value;
  try {
    const ends = await inParallel(binding.kinds, { width: MODEST, signal: run.signal }, async (kind) => {
      const variables = { kind, op: randomUUID(), workspace };
      return { kind, ...(await runWork(run, binding, variables, { withinMs: END_WITHIN_MS })) };
    });
    const ended = ends.filter(({ id, ended: isOver }) => id !== null && isOver);
    if (ended.length === 0) throw new NotMeasured('no operation came to its end, so there is no end to be told of');
    const statesOf = (id: string | null) =>
      stream.events().flatMap((event) => (event.appended && event.key === id ? (event.value ?? []) : []));
    await lookUntil(
      async () => ended.every(({ id, state }) => statesOf(id).at(-1) === state),
      (told) => told,
      { withinMs: TOLD_WITHIN_MS, signal: run.signal },
    );
    await delay(QUIET_MS);
    const attempts = ended.map(({ kind, id, state }) => toldOf(`${kind} ${id ?? ''}`, { state, told: statesOf(id), end: binding.end }));
    return {
      observation: { kind: 'boolean', attempts },
      witnesses: attempts.map(({ note }) => ({ source: 'polling and event stream', saw: note })),
    };
  } finally {
    await stream.close();
  }
});

interface End {
  readonly state: string | null;
  /** States that the events of the operation told of, in the order in which they came. */
  readonly told: readonly string[];
  readonly end: readonly string[];
}

/** The last event tells the end that was polled, and nothing is told after an end. */
function toldOf(name: string, { state, told, end }: End): { readonly ok: boolean; readonly note: string } {
  // The same event once more tells nothing new.
  const changes = told.filter((one, index) => one !== told[index - 1]);
  const early = changes.slice(0, -1).find((one) => end.includes(one));
  const heard = told.length === 0 ? 'none came' : told.join(', ');
  const note = `${name} ended as ${state ?? 'unknown'}; its events: ${heard}`;
  if (told.at(-1) !== state) return { ok: false, note: `${note}: the end was not told within ${TOLD_WITHIN_MS / 1000} s` };
  return early === undefined ? { ok: true, note } : { ok: false, note: `${note}: ${early} is an end, and more was told after it` };
}

/** One operation of one kind, followed to its end and into the database. */
async function operate(run: SuiteRun, kind: string): Promise<{ readonly ok: boolean; readonly note: string }> {
  const binding = run.spec.bindings.operation;
  const ended = await run.target.operation.runToEnd(
    { kind, op: randomUUID(), workspace: run.workspace() },
    { withinMs: END_WITHIN_MS, signal: run.signal },
  );
  const state = ended.state ?? 'unknown';
  if (ended.id === null)
    return { ok: false, note: `${kind}: was not accepted (${ended.answer.error ?? `status ${ended.answer.status ?? 'none'}`})` };
  if (!ended.ended) return { ok: false, note: `${kind}: not at its end after ${END_WITHIN_MS / 1000} s, last state ${state}` };
  if (ended.outcome !== 'ok') return { ok: false, note: `${kind}: ended as ${state}` };
  if (binding?.effect === undefined) return { ok: true, note: `${kind}: ended as ${state}` };
  const adminUrl = await run.adminUrl('postgres');
  const rows = await rowsOf(adminUrl, binding.effect, ended.id);
  return { ok: rows > 0, note: `${kind}: ended as ${state}, ${rows} rows of its effect in the database` };
}

async function rowsOf(adminUrl: string, sql: string, id: string): Promise<number> {
  const witness = createPostgresWitness({ url: adminUrl, timeoutMs: 5_000 });
  try {
    const counted = await witness.count(sql, id);
    if (!counted.ok) throw new NotMeasured(`the database could not be asked for the effect of operation ${id}: ${counted.problem}`);
    return counted.value;
  } finally {
    await witness[Symbol.asyncDispose]();
  }
}
