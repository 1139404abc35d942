import { randomUUID } from 'node:crypto';
import { check, NotMeasured, type SuiteRun } from '../../harness/index.ts';
import { speedUp, type Batch } from '../support/speed-up.ts';
import { runWork, saidBy } from '../support/work-end.ts';

const END_WITHIN_MS = 30_000;
/** Looking takes a processor too, of which there may be few. */
const LOOK_EVERY_MS = 25;
const AT_ONCE = 4;
/** Who overlaps shows it once; a machine that is busy otherwise may hide it a few times. */
const ROUNDS = { quick: 2, full: 4 };

check(
  'concurrency.operations.overlap',
  async (run) => {
    const wanted = run.criteria.find(({ id }) => id === 'concurrency.operations.overlap')?.pass?.value ?? 1;
    const batches: Batch[] = [];
    const best = (): number => Math.max(0, ...batches.map(speedUp));
    while (batches.length < run.sized(ROUNDS) && best() < wanted) batches.push(await oneBatch(run));
    return {
      observation: { kind: 'level', unit: 'count', samples: [best()], worst: 'min' },
      witnesses: batches.map((batch) => ({
        source: 'polling',
        saw: `alone ${batch.aloneMs.map((ms) => Math.round(ms)).join(' and ')} ms, ${batch.count} at once ${Math.round(batch.togetherMs)} ms: ${speedUp(batch).toFixed(1)} times sooner than one after the other`,
      })),
    };
  },
  { limitMs: 120_000 },
);

/** One alone, several at once, one alone. */
async function oneBatch(run: SuiteRun): Promise<Batch> {
  const before = await timed(run);
  const startedMs = performance.now();
  await Promise.all(Array.from({ length: AT_ONCE }, () => timed(run)));
  const togetherMs = performance.now() - startedMs;
  return { aloneMs: [before, await timed(run)], count: AT_ONCE, togetherMs };
}

async function timed(run: SuiteRun): Promise<number> {
  const binding = run.target.requireBinding('operation');
  const { parallel } = binding;
  if (parallel === undefined) throw new NotMeasured('the target has no binding `operation.parallel`');
  const variables = { kind: binding.kinds[0] ?? 'default', op: randomUUID(), workspace: run.workspace() };
  const patience = { withinMs: END_WITHIN_MS, everyMs: LOOK_EVERY_MS };
  const { id, state, ended, success, answer, tookMs } = await runWork(run, { ...binding, create: parallel }, variables, patience);
  if (id === null) throw new NotMeasured(`an operation that mostly waits (\`operation.parallel\`) was not accepted: ${saidBy(answer)}`);
  // How long something took that did not do its work says nothing.
  if (!ended || !success)
    throw new NotMeasured(
      `operation ${id}, one of several (\`operation.parallel\`), is ${state ?? 'in no readable state'} after ${Math.round(tookMs)} ms`,
    );
  return tookMs;
}
