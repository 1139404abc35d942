import { randomUUID } from 'node:crypto';
import { check, createPostgresWitness, NotMeasured, type SuiteRun } from '../../harness/index.ts';

const END_WITHIN_MS = 20_000;

check('lifecycle.operations.end_state', async (run) => {
  const binding = run.spec.bindings.operation;
  if (binding === undefined) throw new NotMeasured('the target has no binding `operation`');
  const attempts = await Promise.all(binding.kinds.map((kind) => operate(run, kind)));
  return {
    observation: { kind: 'boolean', attempts },
    witnesses: attempts.map(({ note }) => ({ source: binding.effect === undefined ? 'polling' : 'polling and database', saw: note })),
  };
});

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
