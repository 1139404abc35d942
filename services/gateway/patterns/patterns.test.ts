import { describe, expect, it } from 'vitest';
import { cacheKey, type AnswerCache, type CachedAnswer } from './cache.ts';
import { createExecutor, type ExecuteRequest } from './executor.ts';
import { LocalCache } from './local-cache.ts';
import type { Model } from './model.ts';
import { compress, planPrompt } from './prompt.ts';
import { matchPattern, PATTERNS } from './registry.ts';

const REQUEST: ExecuteRequest = {
  workspaceId: 'w',
  agentId: null,
  query: 'status of the disk',
  mode: 'balanced',
  useCache: true,
  timeoutMs: 100,
  context: undefined,
};

describe('matchPattern', () => {
  it('takes the pattern of highest priority', () => expect(matchPattern('restart and report status')?.name).toBe('infrastructure_change'));
  it('takes any words in the end', () => expect(matchPattern('Größe?')?.name).toBe('general_answer'));
  it('takes nothing without a letter or digit', () => expect(matchPattern('?! …')).toBe(null));
  it('never caches a pattern that changes something', () => {
    for (const query of ['remember this', 'deploy it']) expect(matchPattern(query)?.cacheTtlSeconds).toBe(0);
  });
});

describe('planPrompt', () => {
  const [pattern] = PATTERNS;
  if (pattern === undefined) throw new Error('there is no pattern');
  it('sends less than the baseline, and always the whole query', () => {
    const query = 'please   keep  this exactly';
    const { prompt, baselinePrompt } = planPrompt(pattern, 'balanced', query, { notes: ['a', 'b'] });
    expect(prompt.length).toBeLessThan(baselinePrompt.length);
    expect(prompt.endsWith(query)).toBe(true);
  });
  it('compresses nothing in comprehensive mode', () => {
    const { prompt, baselinePrompt } = planPrompt(pattern, 'comprehensive', 'q', undefined);
    expect(prompt).toBe(baselinePrompt);
  });
  it('drops filler words and repeated sentences', () => {
    expect(compress('Please be very brief. Do it.\nDo it. End.')).toBe('be brief. Do it. End.');
  });
});

describe('LocalCache', () => {
  const setUp = () => {
    const clock = { ms: 0 };
    return { clock, cache: new LocalCache<number>(2, 100, () => clock.ms) };
  };
  it('drops the entry unused for longest', () => {
    const { cache } = setUp();
    cache.set('a', 1);
    cache.set('b', 2);
    cache.get('a');
    cache.set('c', 3);
    expect([cache.get('a'), cache.get('b'), cache.get('c'), cache.size, cache.evictions]).toEqual([1, undefined, 3, 2, 1]);
  });
  it('keeps nothing past its time, however long the caller asks for', () => {
    const { cache, clock } = setUp();
    cache.set('a', 1, 1000);
    clock.ms = 100;
    expect(cache.get('a')).toBe(undefined);
  });
});

it('a cache key differs by workspace', () => {
  expect(cacheKey('w1', ['q'])).not.toBe(cacheKey('w2', ['q']));
});

describe('the executor', () => {
  const FINE: Model = { complete: async () => ({ text: 'fine', promptTokens: 20, completionTokens: 5, baselinePromptTokens: 30 }) };
  const setUp = (model: Model = FINE) => {
    const kept = new Map<string, CachedAnswer>();
    const cache: AnswerCache = {
      epoch: 0,
      get: async ({ key }) => {
        const answer = kept.get(key) ?? null;
        return { tier: answer === null ? 'none' : 'shared', answer, degraded: false, asOf: { epoch: 0, generation: null } };
      },
      set: async ({ key }, answer) => {
        kept.set(key, answer);
        return false;
      },
      wrote: async () => true,
      invalidate: async () => 0,
      stats: () => {
        throw new Error('nobody asks for figures here');
      },
    };
    const booked: string[] = [];
    const executor = createExecutor({
      cache,
      model,
      ledger: {
        book: async ({ opId, promptTokens, completionTokens }) => {
          booked.push(opId);
          return promptTokens + completionTokens;
        },
      },
      log: { add: () => undefined, dropped: 0, stop: async () => undefined },
    });
    return { executor, booked };
  };

  it('asks the model once for concurrent questions and books it once', async () => {
    const { executor, booked } = setUp();
    const answers = await Promise.all([1, 2, 3].map(() => executor.execute(REQUEST)));
    expect(booked).toHaveLength(1);
    expect(answers.map(({ tokens_used: used, cache_hit: hit }) => [used, hit])).toEqual([
      [25, false],
      [0, true],
      [0, true],
    ]);
    expect(answers.map(({ tokens_baseline: baseline }) => baseline)).toEqual([35, 35, 35]);
  });

  it('ends with its own time, whatever the model does and whoever else waits', async () => {
    let answer: () => void = () => undefined;
    const waiting = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const slow: Model = {
      complete: async (request) => {
        await waiting;
        return FINE.complete(request);
      },
    };
    const { executor } = setUp(slow);
    const patient = executor.execute({ ...REQUEST, timeoutMs: 5000 });
    await expect(executor.execute({ ...REQUEST, timeoutMs: 5 })).rejects.toMatchObject({ code: 'timeout' });
    answer();
    expect((await patient).success).toBe(true);
  });

  it('says that the cache is degraded when it did not take the answer', async () => {
    expect((await setUp().executor.execute(REQUEST)).degraded).toEqual(['cache']);
  });

  it('asks again when told not to use the cache', async () => {
    const { executor, booked } = setUp();
    for (let index = 0; index < 2; index++) await executor.execute({ ...REQUEST, useCache: false });
    expect(booked).toHaveLength(2);
  });

  it('echoes the query of each request', async () => {
    const { executor } = setUp();
    const answers = await Promise.all(['status a', 'status b'].map((query) => executor.execute({ ...REQUEST, query })));
    expect(answers.map(({ result }) => result.query)).toEqual(['status a', 'status b']);
  });
});
