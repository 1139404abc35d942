import { setTimeout as delay } from 'node:timers/promises';
import { NotMeasured, type SuiteRun } from '../../harness/index.ts';
import { askKept, cacheOf, describeAnswer, keep, newSubject, type Kept, type Subject } from '../support/kept-answers.ts';
import { askRedis, keysLike, ofEach } from '../support/redis-upkeep.ts';
import { withRedis } from '../support/stores.ts';
import type { Trial } from '../support/trials.ts';
import { lookUntil } from '../support/until.ts';

/** A time that can be waited for in the profile. */
const LONGEST_MS = { quick: 3_000, full: 60_000 };
/** What a long one is cut to: enough for another instance to fetch the answer before. */
const CUT_TO_MS = 1_000;
/** Redis counts in milliseconds, whoever sets a time may count in seconds. */
const TOLERANCE_MS = 1_500;

/** What Redis says of a key that is not there. */
const GONE = -2;

type Keys = readonly { readonly key: string; readonly leftMs: number }[];

/** Keeps an answer and asks for it again when its time is up, waited for or cut short in Redis. @throws NotMeasured when neither can be done. */
export function outlives(run: SuiteRun): Promise<Trial> {
  const { ttlMs, keys, instances } = cacheOf(run);
  if (ttlMs <= run.sized(LONGEST_MS)) return waited(run);
  const [first, second] = instances;
  if (keys === undefined || first === undefined || second === undefined)
    throw new NotMeasured(
      `an answer is kept for ${ttlMs / 1_000} s, too long to be waited for: bind \`cache.keys\` and a second of \`cache.instances\`, so that the time can be cut short in Redis and the answer be fetched by a process that has not seen it before`,
    );
  return cutShort(run, { pattern: keys, from: first, by: second });
}

async function waited(run: SuiteRun): Promise<Trial> {
  const { ttlMs, stalenessMs } = cacheOf(run);
  const subject = newSubject(run);
  const kept = await keep(run, subject);
  if (kept === null) return notKept();
  // Its time began before it was given out.
  await delay(ttlMs + stalenessMs, undefined, { signal: run.signal });
  return judge(subject, await askKept(run, subject), `${ttlMs + stalenessMs} ms after it was kept for ${ttlMs} ms`);
}

interface Cut {
  readonly pattern: string;
  /** Keeps the answer, and fetches what was kept. */
  readonly from: string;
  readonly by: string;
}

/** A process that fetches an answer with little time left may keep it for that long, whatever it keeps it in. */
async function cutShort(run: SuiteRun, { pattern, from, by }: Cut): Promise<Trial> {
  const { ttlMs, stalenessMs } = cacheOf(run);
  const subject = newSubject(run);
  if ((await keep(run, subject, from)) === null) return notKept();
  const adminUrl = await run.adminUrl('redis');
  const keys = await timesOf(adminUrl, pattern.replaceAll('${workspace}', subject.workspace));
  if (keys.length === 0) return { kind: 'silent', why: `an answer is kept, but under no key like ${pattern}` };
  const endless = keys.find(({ leftMs }) => leftMs < 0 || leftMs > ttlMs + TOLERANCE_MS);
  if (endless !== undefined) return { kind: 'broken', problem: `${endless.key} ${lifeOf(endless.leftMs, ttlMs)}` };
  await withRedis(adminUrl, (redis) => Promise.all(keys.map(({ key }) => redis.pexpire(key, CUT_TO_MS))));
  const fetched = await askKept(run, subject, by);
  if (fetched.isMade !== false) return { kind: 'silent', why: `${by} did not take the answer from Redis before its time was up` };
  const isGone = await until(run, adminUrl, keys);
  if (!isGone) return { kind: 'silent', why: 'Redis still had the key after its time' };
  const goneMs = run.now();
  const last = await lookUntil(
    () => askKept(run, subject, by),
    ({ isMade }) => isMade !== false,
    { withinMs: stalenessMs, signal: run.signal },
  );
  return judge(subject, last, `by ${by} ${Math.round(last.startMs - goneMs)} ms after it had expired in Redis`);
}

function judge(subject: Subject, { isMade, answer }: Kept, when: string): Trial {
  if (isMade === null) return { kind: 'silent', why: `the answer does not say where it is from: ${describeAnswer(answer)}` };
  if (isMade) return { kind: 'held', note: `"${subject.text}" was made anew ${when}` };
  return { kind: 'broken', problem: `"${subject.text}" in workspace ${subject.workspace} was still served ${when}` };
}

function notKept(): Trial {
  return { kind: 'silent', why: 'the answer was not kept, however often it was asked for' };
}

function lifeOf(leftMs: number, ttlMs: number): string {
  return leftMs < 0 ? 'is kept without an end' : `is kept for ${Math.round(leftMs / 1_000)} s more, declared are ${ttlMs / 1_000} s`;
}

/** Without those that have gone meanwhile. */
function timesOf(url: string, pattern: string): Promise<Keys> {
  return askRedis(url, 'the time that kept answers have left', async (redis) => {
    const { keys } = await keysLike(redis, pattern);
    const left = await ofEach(redis, keys, ['PTTL']);
    return keys.map((key, index) => ({ key, leftMs: left[index] ?? GONE })).filter(({ leftMs }) => leftMs !== GONE);
  });
}

function until(run: SuiteRun, url: string, keys: Keys): Promise<boolean> {
  return withRedis(url, (redis) =>
    lookUntil(
      async () => (await redis.exists(...keys.map(({ key }) => key))) === 0,
      (gone) => gone,
      { withinMs: CUT_TO_MS * 4, signal: run.signal },
    ),
  );
}
