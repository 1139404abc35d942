import { check } from '../../harness/index.ts';
import { judgeHanding } from '../support/handed-out.ts';
import { inParallel, MODEST } from '../support/in-parallel.ts';
import { taskDesk, type Claim } from '../support/tasks.ts';
import { lookUntil } from '../support/until.ts';

/** Workers that ask at the same time. */
const WORKERS = 8;
/** Claims of one worker, for a target that hands out the same task for ever. */
const PER_TASK = 3;
/** What is read may be a moment behind what was acknowledged; all of them together are waited for so long. */
const SHOWN_MS = 3_000;

check('concurrency.tasks.once', async (run) => {
  const binding = run.target.requireBinding('tasks');
  const desk = taskDesk(run, run.workspace());
  const patience = { width: MODEST, signal: run.signal };
  const count = run.sized({ quick: 40, full: 200 });
  const workers = await inParallel([...Array(WORKERS).keys()], patience, () => desk.hire());
  const tasks = await inParallel([...Array(count).keys()], patience, () => desk.make());
  const claims: Claim[] = [];
  const completed = new Map<string, string[]>();
  const work = async (worker: string): Promise<void> => {
    for (let asked = 0; asked < count * PER_TASK && !run.signal.aborted; asked += 1) {
      const claim = await desk.claim(worker);
      claims.push(claim);
      if (claim.id === null) return;
      const ended = await desk.end('complete', worker, claim.id);
      if (ended.outcome === 'ok') completed.set(claim.id, [...(completed.get(claim.id) ?? []), worker]);
    }
  };
  await Promise.all(workers.map(work));
  // A worker may have left while the last ones were locked by somebody else's claim.
  for (const worker of workers.slice(0, 1)) await work(worker);
  const until = performance.now() + SHOWN_MS;
  const read = await inParallel(tasks, patience, async (id) => {
    const isShown = (state: string | null): boolean => !completed.has(id) || (state !== null && binding.done.includes(state));
    const withinMs = Math.max(0, until - performance.now());
    return [id, await lookUntil(() => desk.stateOf(id), isShown, { withinMs, signal: run.signal })] as const;
  });
  const { wrong, open } = judgeHanding({ tasks, claims, completed, states: new Map(read), done: binding.done });
  const taken = new Set(claims.flatMap(({ id }) => id ?? []));
  return {
    observation: { kind: 'count', trials: tasks.length - open, count: wrong.length, examples: wrong.slice(0, 5) },
    witnesses: [
      {
        source: 'responses',
        saw: `${claims.length} claims by ${workers.length} workers at once: ${tasks.filter((id) => taken.has(id)).length} of ${tasks.length} tasks handed out`,
      },
      {
        source: 'reading back',
        saw: `${read.filter(([, state]) => state !== null && binding.done.includes(state)).length} of ${tasks.length} tasks are done`,
      },
    ],
  };
});
