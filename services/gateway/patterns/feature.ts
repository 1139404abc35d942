import { repeat, type Repeater } from '../../shared/repeat.ts';
import type { Core } from '../core.ts';
import type { Feature } from '../feature.ts';
import type { Outside } from '../outside.ts';
import { createAnswerCache, type AnswerCache } from './cache.ts';
import { patternEndpoints } from './endpoints.ts';
import { createExecutionLog, type ExecutionLog } from './execution-log.ts';
import { createExecutor, type Executor } from './executor.ts';
import { createInvalidations, type Invalidations } from './invalidations.ts';
import { createLedger } from './ledger.ts';
import { createModel } from './model.ts';
import { MEMORY_READERS } from './registry.ts';
import { createSharedCache } from './shared-cache.ts';

export interface PatternsFeature extends Feature {
  readonly executor: Executor;
  readonly cache: AnswerCache;
  readonly executionLog: ExecutionLog;
  /** To be awaited after a change of what a workspace remembers, before it is acknowledged. */
  readonly memoriesChanged: (workspaceId: string) => Promise<void>;
}

/** Answers queries with patterns: cache, model, token ledger. */
export function patternsFeature(core: Core, { meter }: Outside): PatternsFeature {
  const { pool, seams } = core;
  const { cache, stop } = openCache(core);
  const executionLog = createExecutionLog(pool, core.reporter('execution_log_failed'));
  const model = seams.model(createModel(meter.client, meter.breaker), core);
  const executor = seams.executor(createExecutor({ cache, model, ledger: createLedger(pool), log: executionLog }));
  return {
    executor,
    cache,
    executionLog,
    memoriesChanged: async (workspaceId) => void (await cache.wrote(workspaceId, MEMORY_READERS)),
    endpoints: patternEndpoints(executor, cache),
    stop: async () => {
      await stop();
      await executionLog.stop();
    },
  };
}

/** Redis can refuse writes for a while without being away; nothing says when that is over. */
const SETTLE_MS = 1000;

function openCache({ redis, log, seams, reporter }: Core): { readonly cache: AnswerCache; readonly stop: () => Promise<void> } {
  const opened: Invalidations[] = [];
  const settling: Repeater[] = [];
  const cache = createAnswerCache({
    shared: createSharedCache(redis),
    listen: (heard) => {
      const invalidations = seams.invalidations(createInvalidations(redis, log, heard));
      opened.push(invalidations);
      return invalidations;
    },
    isRedisThere: () => redis.status === 'ready',
    onRedisBack: (settle) => {
      const repeater = repeat(settle, SETTLE_MS, reporter('cache_invalidation_owed'));
      redis.on('ready', repeater.wake);
      settling.push(repeater);
    },
  });
  return {
    cache: seams.cache(cache),
    stop: async () => {
      for (const invalidations of opened) invalidations.stop();
      await Promise.all(settling.map((repeater) => repeater.stop()));
    },
  };
}
