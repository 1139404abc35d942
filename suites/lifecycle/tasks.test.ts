import { check, NotMeasured, type SuiteRun } from '../../harness/index.ts';
import { taskDesk, type Claim, type TaskDesk } from '../support/tasks.ts';
import { lookUntil } from '../support/until.ts';
import { saidBy } from '../support/work-end.ts';

/** Beyond the back-off that is declared: handing out may be somebody's regular round. */
const HANDED_OUT_MS = 5_000;

/** What is read may be a moment behind what was acknowledged. */
const SHOWN_MS = 3_000;

interface Step {
  readonly ok: boolean;
  readonly note: string;
}

check('lifecycle.tasks.retry', async (run) => {
  const [poisoned, saved] = await Promise.all([failAlways(run), failOnce(run)]);
  const attempts = [...poisoned, ...saved];
  return {
    observation: { kind: 'boolean', attempts },
    witnesses: attempts.map(({ note }) => ({ source: 'responses and reading back', saw: note })),
  };
});

/** A task that fails whenever it is tried: handed out again as often as declared, then given up for good. */
async function failAlways(run: SuiteRun): Promise<readonly Step[]> {
  const { retries, dead } = run.target.requireBinding('tasks');
  const desk = taskDesk(run, run.workspace());
  const worker = await desk.hire();
  const id = await desk.make();
  const steps: Step[] = [];
  for (let attempt = 1; attempt <= retries + 1; attempt += 1) {
    const step = await failedTry(run, { desk, worker, id, attempt });
    steps.push(step);
    if (!step.ok) return steps;
  }
  // It may come back as late as after any other failure.
  const again = await claimedWithin(run, { desk, worker, id }, run.target.requireBinding('tasks').backOffMs);
  if (!again.known) throw new NotMeasured(`whether task ${id} is handed out once more cannot be seen: ${saidBy(again.answer)}`);
  const state = await desk.stateOf(id);
  const gone = again.id !== id && state !== null && dead.includes(state);
  const tried = `after ${retries + 1} failures task ${id} is ${state ?? 'unreadable'}`;
  return [...steps, { ok: gone, note: again.id === id ? `${tried} and was handed out once more` : `${tried} and is not handed out again` }];
}

interface Trying {
  readonly desk: TaskDesk;
  readonly worker: string;
  readonly id: string;
  readonly attempt: number;
}

/** Takes the task, fails it, and looks what became of it. */
async function failedTry(run: SuiteRun, { desk, worker, id, attempt }: Trying): Promise<Step> {
  const { retries, waiting, dead } = run.target.requireBinding('tasks');
  const claim = await takenIn(run, { desk, worker, id });
  const name = `try ${attempt} of ${retries + 1} of task ${id}`;
  if (!claim.known) throw new NotMeasured(`${name}: asking for work was answered with ${saidBy(claim.answer)}`);
  if (claim.id !== id) return { ok: false, note: `${name}: the task was not handed out (${saidBy(claim.answer)})` };
  const failed = await desk.end('fail', worker, id);
  if (failed.outcome !== 'ok') return { ok: false, note: `${name}: saying that it failed was answered with ${saidBy(failed)}` };
  const expected = attempt <= retries ? waiting : dead;
  const state = (await stateWithin(run, desk, { id, expected })) ?? 'unreadable';
  return { ok: expected.includes(state), note: `${name} failed: the task is ${state}, expected ${expected.join(' or ')}` };
}

/** A task that fails once is done by the second try. */
async function failOnce(run: SuiteRun): Promise<readonly Step[]> {
  const { retries, done } = run.target.requireBinding('tasks');
  if (retries === 0) return [];
  const desk = taskDesk(run, run.workspace());
  const worker = await desk.hire();
  const id = await desk.make();
  const first = await failedTry(run, { desk, worker, id, attempt: 1 });
  if (!first.ok) return [first];
  const claim = await takenIn(run, { desk, worker, id });
  if (claim.id !== id) return [{ ok: false, note: `task ${id} failed once and was not handed out again (${saidBy(claim.answer)})` }];
  const completed = await desk.end('complete', worker, id);
  const state = (await stateWithin(run, desk, { id, expected: done })) ?? 'unreadable';
  const ok = completed.outcome === 'ok' && done.includes(state);
  return [first, { ok, note: `task ${id} failed once, its second try was completed (${saidBy(completed)}): it is ${state}` }];
}

/** Asks for work until the task comes or its back-off is long over. */
function takenIn(run: SuiteRun, { desk, worker, id }: Omit<Trying, 'attempt'>): Promise<Claim> {
  return claimedWithin(run, { desk, worker, id }, run.target.requireBinding('tasks').backOffMs + HANDED_OUT_MS);
}

function claimedWithin(run: SuiteRun, { desk, worker, id }: Omit<Trying, 'attempt'>, withinMs: number): Promise<Claim> {
  return lookUntil(
    () => desk.claim(worker),
    (claim) => claim.id === id,
    { withinMs, signal: run.signal },
  );
}

/** One of the expected states as soon as it is there, else the last one that was seen. */
function stateWithin(
  run: SuiteRun,
  desk: TaskDesk,
  { id, expected }: { readonly id: string; readonly expected: readonly string[] },
): Promise<string | null> {
  return lookUntil(
    () => desk.stateOf(id),
    (state) => state !== null && expected.includes(state),
    { withinMs: SHOWN_MS, signal: run.signal },
  );
}
