import { randomUUID } from 'node:crypto';
import { check, NotMeasured, type Answer, type Observed, type SuiteRun } from '../../harness/index.ts';
import { inParallel } from '../support/in-parallel.ts';
import { makeHeld, type Held, whileHeld, workAtOnce, workOnce } from '../support/pool-hold.ts';
import { lookUntil } from '../support/until.ts';

/** What fails is asked for so many at a time: fewer than any pool has connections. */
const AT_ONCE = 4;
const FEWEST_FAILURES = 60;
/** Calls that are answered otherwise, or not at all: a pool that is used up would make all of them wait. */
const MOST_OTHERS = 8;
/** A connection that comes back late has not leaked. */
const BACK_WITHIN_MS = 6_000;
const RECOVERED_WITHIN_MS = 5_000;
/** Calls at once for each connection that the pool has. */
const OVERLOAD = 5;
/** Where the target does not say how many connections it may have. */
const PRESUMED_POOL = 25;
/** More calls at once would wait for a connection of ours, and look as if the target did not answer. */
const MOST_AT_ONCE = 125;

check('concurrency.pool.leak', leak, { limitMs: 120_000 });

async function leak(run: SuiteRun): Promise<Observed> {
  const { failed } = run.target.requireBinding('pool');
  const held = await makeHeld(run, run.target.requireBinding('pool'));
  const before = await usable(run, held);
  if (before === 0) throw new NotMeasured('none of the calls of `pool.work` waited for what `pool.hold` takes: the pool cannot be counted');
  if (before === callsFor(run) && declaredPool(run) === null)
    throw new NotMeasured(`all of ${before} calls at once had a connection: how many there are only \`pool.max\` of the database can say`);
  const storm = Math.max(FEWEST_FAILURES, 3 * Math.max(before, declaredPool(run) ?? 0));
  const refused = await failing(run, held, storm);
  if (refused === 0)
    throw new NotMeasured(`none of ${storm} calls of \`pool.fail\` was refused with ${failed.join(' or ')}: nothing failed`);
  const after = await lookUntil(
    () => usable(run, held),
    (now) => now >= before,
    { withinMs: BACK_WITHIN_MS, signal: run.signal },
  );
  const lost = Math.max(0, before - after);
  return {
    observation: {
      kind: 'count',
      trials: refused,
      count: lost,
      examples: lost === 0 ? [] : [`of ${before} connections that could work at once ${after} are left after ${refused} refused calls`],
    },
    witnesses: [
      { source: 'responses', saw: `${refused} of ${storm} calls refused with ${failed.join(' or ')}` },
      { source: 'pg_stat_activity', saw: `${before} connections at work at once before, ${after} after` },
    ],
  };
}

/** How many calls were refused by what they found in the database. When there is no connection left for them no more are sent. */
async function failing(run: SuiteRun, held: Held, storm: number): Promise<number> {
  const { fail, failed, withinMs } = run.target.requireBinding('pool');
  let [refused, others] = [0, 0];
  await inParallel(Array.from({ length: storm }), { width: AT_ONCE, signal: run.signal }, async () => {
    if (others >= MOST_OTHERS) return;
    const op = randomUUID();
    const { status } = await run.target.request(fail, { ...held, value: op, op, name: op }, { timeoutMs: withinMs, signal: run.signal });
    if (status !== null && failed.includes(status)) refused += 1;
    else others += 1;
  });
  return refused;
}

check(
  'concurrency.pool.saturation',
  async (run) => {
    const binding = run.target.requireBinding('pool');
    const held = await makeHeld(run, binding);
    const size = declaredPool(run) ?? PRESUMED_POOL;
    const count = Math.min(OVERLOAD * size, MOST_AT_ONCE);
    if (count < 2 * size)
      throw new NotMeasured(`the pool has ${size} connections; pools above ${Math.floor(MOST_AT_ONCE / 2)} are not used up`);
    const adminUrl = await run.adminUrl('postgres');
    const { answers, waited } = await whileHeld(run, { held, adminUrl }, async (waiting) => {
      const calls = workAtOnce(run, { held, count, timeoutMs: binding.withinMs });
      const seen = await waiting(count);
      return { waited: seen, answers: await Promise.all(calls) };
    });
    if (waited === 0) throw new NotMeasured('none of the calls of `pool.work` waited for what `pool.hold` takes: the pool was not used up');
    const left = answers.filter(({ status }) => status === null);
    const last = await works(run, held);
    requireLetIn([last]);
    const recovered = last.outcome === 'ok';
    const [first] = left;
    return {
      observation: {
        kind: 'count',
        trials: count + 1,
        count: left.length + (recovered ? 0 : 1),
        examples: [
          ...(first === undefined
            ? []
            : [
                `${left.length} of ${count} calls at once had no answer within ${binding.withinMs / 1000} s: ${first.error ?? 'nothing came'}`,
              ]),
          ...(recovered ? [] : [`${RECOVERED_WITHIN_MS / 1000} s after the database was free again the target still did no work`]),
        ],
      },
      witnesses: [
        { source: 'responses', saw: statusesOf(answers) },
        { source: 'pg_stat_activity', saw: `${waited} of ${count} calls had a connection and waited in the database` },
      ],
    };
  },
  { limitMs: 120_000 },
);

/** null: the target file does not say. */
function declaredPool({ spec }: SuiteRun): number | null {
  return spec.services.find((service) => service.kind === 'postgres')?.poolMax ?? null;
}

/** As many as the pool has connections, as far as anybody says. */
function callsFor(run: SuiteRun): number {
  return Math.min(declaredPool(run) ?? PRESUMED_POOL, MOST_AT_ONCE);
}

/** Who is turned away for asking too often says nothing of connections. */
function requireLetIn(answers: readonly Answer[]): void {
  if (answers.some(({ status }) => status === 429))
    throw new NotMeasured('the target turns callers away who ask often (429), so that its connections cannot be counted');
}

/** How many connections of the target can be at work at once: so many wait for what we hold. All calls are let through and answered. */
async function usable(run: SuiteRun, held: Held): Promise<number> {
  const adminUrl = await run.adminUrl('postgres');
  const { calls, waited } = await whileHeld(run, { held, adminUrl }, async (waiting) => {
    const sent = workAtOnce(run, { held, count: callsFor(run), timeoutMs: run.target.requireBinding('pool').withinMs });
    return { calls: sent, waited: await waiting(sent.length) };
  });
  requireLetIn(await Promise.all(calls));
  return waited;
}

/** The last answer to work that is asked for until it is done, or the time is up. */
function works(run: SuiteRun, held: Held): Promise<Answer> {
  return lookUntil(
    () => workOnce(run, { held, timeoutMs: RECOVERED_WITHIN_MS }),
    ({ outcome }) => outcome === 'ok',
    { withinMs: RECOVERED_WITHIN_MS, signal: run.signal },
  );
}

function statusesOf(answers: readonly Answer[]): string {
  const counts = new Map<string, number>();
  for (const { status } of answers) {
    const name = status === null ? 'without an answer' : `with ${status}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => `${count} ${name}`).join(', ');
}
