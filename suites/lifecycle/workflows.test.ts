import { randomUUID } from 'node:crypto';
import { check, NotMeasured, type Answer, type SuiteRun } from '../../harness/index.ts';
import { runWork, saidBy, type LongWork, type Request } from '../support/work-end.ts';

const END_WITHIN_MS = 20_000;
/** What can never end shows no sooner; what is refused late still has this long. */
const CYCLE_WITHIN_MS = 8_000;

const OTHER_REASONS = [401, 403, 404, 405, 429, 503];

interface Attempt {
  readonly ok: boolean;
  readonly note: string;
}

check('lifecycle.workflows.end_state', async (run) => {
  const { kinds, cyclic, failing } = run.target.requireBinding('workflow');
  const attempts = await settled([
    ...kinds.map((kind) => succeeds(run, kind)),
    ...(failing === undefined ? [] : [fails(run, failing)]),
    ...(cyclic === undefined ? [] : [isNoWay(run, cyclic)]),
  ]);
  const unbound = [cyclic === undefined ? 'cyclic' : null, failing === undefined ? 'failing' : null].filter((part) => part !== null);
  return {
    observation: { kind: 'boolean', attempts },
    witnesses: [
      ...attempts.map(({ note }) => ({ source: 'polling', saw: note })),
      ...unbound.map((part) => ({ source: 'not looked at', saw: `the target has no binding \`workflow.${part}\`` })),
    ],
  };
});

/** What could not be tried does not take back what the others have shown. */
async function settled(trying: readonly Promise<Attempt>[]): Promise<readonly Attempt[]> {
  const results = await Promise.allSettled(trying);
  const attempts = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const isGood = attempts.every(({ ok }) => ok);
  const failures = results.filter((result) => result.status === 'rejected');
  const failed = failures.find(({ reason }) => isGood || !(reason instanceof NotMeasured));
  return failed === undefined ? attempts : Promise.reject(failed.reason);
}

async function succeeds(run: SuiteRun, kind: string): Promise<Attempt> {
  const { id, state, ended, success, answer } = await started(run, run.target.requireBinding('workflow').create, kind, END_WITHIN_MS);
  if (id === null) return { ok: false, note: `${kind}: was not accepted (${saidBy(answer)})` };
  if (!ended)
    return {
      ok: false,
      note: `${kind}: workflow ${id} is not at its end after ${END_WITHIN_MS / 1000} s, last state ${state ?? 'unknown'}`,
    };
  return { ok: success, note: `${kind}: workflow ${id} ended as ${state ?? 'unknown'}` };
}

/** A step that cannot be done ends the whole, and not as a success. */
async function fails(run: SuiteRun, failing: Request): Promise<Attempt> {
  const { id, state, ended, success, answer } = await started(run, failing, 'default', END_WITHIN_MS);
  const name = 'with a step that cannot be done';
  if (id === null) return { ok: isRefused(answer, name), note: `${name}: was answered with ${saidBy(answer)}` };
  if (!ended)
    return {
      ok: false,
      note: `${name}: workflow ${id} is not at its end after ${END_WITHIN_MS / 1000} s, last state ${state ?? 'unknown'}`,
    };
  return { ok: !success, note: `${name}: workflow ${id} ended as ${state ?? 'unknown'}` };
}

/** Steps that wait for each other can never be done: refused, or ended as a failure. */
async function isNoWay(run: SuiteRun, cyclic: Request): Promise<Attempt> {
  const { id, state, ended, success, answer } = await started(run, cyclic, 'default', CYCLE_WITHIN_MS);
  const name = 'with steps that wait for each other';
  if (id === null) return { ok: isRefused(answer, name), note: `${name}: was answered with ${saidBy(answer)}` };
  if (!ended)
    return {
      ok: false,
      note: `${name}: workflow ${id} was accepted and is ${state ?? 'in no readable state'} after ${CYCLE_WITHIN_MS / 1000} s: it can never end`,
    };
  return { ok: !success, note: `${name}: workflow ${id} was accepted and ended as ${state ?? 'unknown'}` };
}

/** Refused for what it is: who may not ask, or asks at the wrong place or too often, learns nothing. */
function isRefused({ status }: Pick<Answer, 'status'>, name: string): boolean {
  if (status !== null && OTHER_REASONS.includes(status))
    throw new NotMeasured(`a workflow ${name} was answered with ${status}, which says nothing of its steps`);
  return status !== null && status >= 400 && status < 500;
}

function started(run: SuiteRun, create: Request, kind: string, withinMs: number): ReturnType<typeof runWork> {
  const work: LongWork = { ...run.target.requireBinding('workflow'), create };
  const op = randomUUID();
  return runWork(run, work, { kind, op, workspace: run.workspace(), name: `muster-${op.slice(0, 8)}` }, { withinMs });
}
