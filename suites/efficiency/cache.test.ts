import { check, NotMeasured, scenario, type SuiteRun } from '../../harness/index.ts';
import { besideRedis, hitsIn } from './hits.ts';
import { bestHitRate, crowdOf } from '../support/hit-rate.ts';
import { inParallel } from '../support/in-parallel.ts';
import { ask, counted, evidenceOf, mishapsOf, tokensOf, type Metered } from './metered.ts';
import { questionsByType } from './questions.ts';
import { repeatsOf, serve, worker, type Story } from './served.ts';
import { baselineClaims, byType, costs, overall } from './reductions.ts';

const LIMIT = { limitMs: 240_000 };
/** Of each type; with three types as many questions as this is asked by all agents at once. */
const TOGETHER_PER_TYPE = 4;

const served = scenario(async (run) => besideRedis(run, () => serve(run)));

check(
  'efficiency.cache.hit_rate',
  async (run) => {
    const repeats = repeatsOf(run);
    requireReachable(run, 'efficiency.cache.hit_rate', {
      texts: 1,
      requests: repeats,
      why: 'each text is asked as often as `economy.repeats` says',
    });
    const { stories, redis, tap, window } = await served(run);
    const { witnesses = [], ...found } = hitsIn(answered(stories), redis);
    return { ...found, window, witnesses: [...witnesses, tap, ...mishapsOf(asksOf(stories))] };
  },
  LIMIT,
);

check(
  'efficiency.cache.truthful',
  async (run) => {
    const { stories, window } = await served(run);
    const claimed = answered(stories).filter(({ execution }) => execution.cacheHit === true);
    const paid = claimed.filter((one) => counted(one) > 0);
    const examples = paid.map(
      (one) => `execution ${one.execution.id ?? '?'} said it came from the cache, the meter counted ${counted(one)} tokens`,
    );
    return {
      observation: { kind: 'count', trials: claimed.length, count: paid.length, examples: examples.slice(0, 5) },
      window,
      witnesses: [
        { source: 'responses', saw: `${claimed.length} answers said they come from the cache` },
        { source: 'meter', saw: `${paid.length} of them cost tokens` },
        ...mishapsOf(asksOf(stories)),
      ],
    };
  },
  LIMIT,
);

check(
  'efficiency.cache.cold_start',
  async (run) => {
    const { stories, window } = await served(run);
    const asked = stories.filter(({ asks: [first, second] }) => isAnswered(first) && isAnswered(second));
    const again = asked.filter(({ asks: [, second] }) => second !== undefined && !isFree(second));
    const firsts = asked.flatMap(({ asks: [first] }) => (first === undefined ? [] : [tokensOf(first) ?? 0]));
    return {
      observation: {
        kind: 'count',
        trials: asked.length,
        count: again.length,
        examples: again.slice(0, 5).map(({ question }) => `"${question.text}" was paid for again when it was asked the second time`),
      },
      evidence: evidenceOf(asked.flatMap(({ asks }) => asks.slice(0, 2))),
      window,
      witnesses: [
        {
          source: 'responses',
          saw: `from cold ${asked.length} texts cost ${firsts.reduce((sum, tokens) => sum + tokens, 0)} tokens, the second time ${again.length} of them cost any`,
        },
        ...mishapsOf(asksOf(stories)),
      ],
    };
  },
  LIMIT,
);

check(
  'efficiency.cache.hit_rate_concurrent',
  async (run) => {
    const questions = questionsByType(run, TOGETHER_PER_TYPE);
    const { width, requests } = crowdOf({
      agents: Math.min(run.spec.workload.agents, run.sized({ quick: 20, full: 100 })),
      atLeast: questions.length * run.sized({ quick: 9, full: 40 }),
    });
    const id = 'efficiency.cache.hit_rate_concurrent';
    requireReachable(run, id, { texts: questions.length, requests, why: 'so many are asked together' });
    const work = worker(run);
    const turns = Array.from({ length: requests }, (_, index) => index);
    const { asks, redis, tap } = await besideRedis(run, async () => ({
      asks: await inParallel(turns, { width, signal: run.signal }, async (turn) => {
        const question = questions[turn % questions.length];
        if (question === undefined) throw new NotMeasured('there is nothing to ask');
        return ask(run, work(question).served, { ...question, cache: true, tries: 1 });
      }),
    }));
    const answers = asks.filter(isAnswered);
    requireReachable(run, id, { texts: questions.length, requests: answers.length, why: `${requests} were made, these were answered` });
    const { witnesses = [], ...found } = hitsIn(answers, redis);
    const crowd = { source: 'workload', saw: `${requests} requests for ${questions.length} texts, ${width} at a time` };
    return { ...found, witnesses: [...witnesses, tap, crowd, ...mishapsOf(asks)] };
  },
  LIMIT,
);

check('efficiency.reduction.overall', async (run) => overall(run, await served(run)), LIMIT);
for (const type of ['infrastructure', 'memory', 'hybrid'] as const) {
  check(`efficiency.reduction.${type}`, async (run) => byType(await served(run), type), LIMIT);
}
check('efficiency.baseline.honest', async (run) => baselineClaims(await served(run)), LIMIT);
check('efficiency.cost.per_operation', async (run) => costs(run, await served(run)), LIMIT);

interface Repetition {
  readonly texts: number;
  readonly requests: number;
  readonly why: string;
}

/** Asked too rarely, the best of caches misses the target: that says nothing about this one. */
function requireReachable(run: SuiteRun, id: string, { texts, requests, why }: Repetition): void {
  const target = run.criteria.find((criterion) => criterion.id === id)?.pass?.value ?? 0;
  const best = bestHitRate(texts, requests);
  if (best > target) return;
  throw new NotMeasured(
    `${requests} requests for ${texts === 1 ? 'a text' : `${texts} texts`} (${why}), so that no cache can reach more than ${Math.round(best * 100)} %: lower the target of ${id}`,
  );
}

function asksOf(stories: readonly Story[]): readonly Metered[] {
  return stories.flatMap(({ asks }) => asks);
}

function answered(stories: readonly Story[]): readonly Metered[] {
  return asksOf(stories).filter(isAnswered);
}

function isAnswered(one: Metered | undefined): one is Metered {
  return one?.execution.outcome === 'ok';
}

/** By the meter; where none is bound, by what the answer says. */
function isFree(one: Metered): boolean {
  return one.meter === null ? one.execution.cacheHit === true : one.meter.tokens === 0;
}
