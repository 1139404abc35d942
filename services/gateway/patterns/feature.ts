import type { Core } from '../core.ts';
import type { Feature } from '../feature.ts';
import type { Outside } from '../outside.ts';
import { createAnswerCache, type AnswerCache } from './cache.ts';
import { createExecutionLog, type ExecutionLog } from './execution-log.ts';
import { createExecutor, type Executor } from './executor.ts';
import { createLedger } from './ledger.ts';
import { createModel } from './model.ts';
import { patternRoutes } from './routes.ts';

export interface PatternsFeature extends Feature {
  readonly executor: Executor;
  readonly cache: AnswerCache;
  readonly executionLog: ExecutionLog;
}

/** Answers queries with patterns: cache, model, token ledger. */
export function patternsFeature(core: Core, { meter }: Outside): PatternsFeature {
  const { pool, redis, seams } = core;
  const cache = createAnswerCache(redis);
  const executionLog = createExecutionLog(pool, core.reporter('execution_log_failed'));
  const model = seams.model(createModel(meter.client, meter.breaker), core);
  const executor = seams.executor(createExecutor({ cache, model, ledger: createLedger(pool), log: executionLog }));
  return {
    executor,
    cache,
    executionLog,
    routes: [{ base: '/api/v1', app: patternRoutes(executor, cache) }],
    stop: () => executionLog.stop(),
  };
}
