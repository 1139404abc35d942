import { randomUUID } from 'node:crypto';
import { within } from '../../shared/fresh.ts';
import { ServiceError } from '../../shared/service-error.ts';
import { SingleFlight } from '../../shared/single-flight.ts';
import { cacheKey, type AnswerCache, type AsOf, type CachedAnswer, type CacheSlot, type CacheTier } from './cache.ts';
import type { ExecutionLog } from './execution-log.ts';
import type { Ledger } from './ledger.ts';
import type { Model } from './model.ts';
import { planPrompt, type ExecutionMode } from './prompt.ts';
import { matchPattern, type Pattern, type PatternType } from './registry.ts';

export interface ExecuteRequest {
  readonly workspaceId: string;
  readonly agentId: string | null;
  readonly query: string;
  readonly mode: ExecutionMode;
  readonly useCache: boolean;
  readonly timeoutMs: number;
  readonly context: unknown;
}

export interface Execution {
  readonly execution_id: string;
  readonly success: boolean;
  readonly pattern_name: string;
  readonly pattern_type: PatternType;
  readonly result: { readonly query: string; readonly text: string };
  readonly execution_time_ms: number;
  readonly stage_ms: {
    readonly match: number;
    readonly lookup: number;
    readonly route: number;
    readonly execute: number;
    readonly store: number;
  };
  /** Sum of the ledger for this execution: 0 when the answer came from the cache. */
  readonly tokens_used: number;
  /** What the same question costs without cache and without compression. */
  readonly tokens_baseline: number;
  readonly cache_hit: boolean;
  readonly cache_tier: CacheTier;
  readonly degraded: readonly string[];
  readonly error: null;
}

export interface Executor {
  /** @throws ServiceError no_match, timeout, dependency_unavailable or circuit_open. */
  execute(request: ExecuteRequest): Promise<Execution>;
}

export interface ExecutorDeps {
  readonly cache: AnswerCache;
  readonly model: Model;
  readonly ledger: Ledger;
  readonly log: ExecutionLog;
}

/** What one run of the work, or one look into the cache, brought. */
interface Outcome {
  readonly answer: CachedAnswer;
  readonly tokens: number;
  readonly tier: CacheTier;
  readonly degraded: boolean;
  readonly stageMs: { readonly lookup: number; readonly route: number; readonly execute: number; readonly store: number };
}

interface Job {
  readonly id: string;
  readonly pattern: Pattern;
  readonly request: ExecuteRequest;
}

export function createExecutor(deps: ExecutorDeps): Executor {
  const flights = new SingleFlight<Outcome>();
  return {
    execute: async (request) => {
      const watch = stopwatch();
      const pattern = matchPattern(request.query);
      if (pattern === null) throw new ServiceError('no_match', 'no pattern takes this query');
      const job: Job = { id: randomUUID(), pattern, request };
      const matchMs = watch();
      const outcome = await within(obtain(deps, flights, job), request.timeoutMs);
      const execution = toExecution(job, outcome, { match: matchMs, total: matchMs + watch() });
      record(deps.log, job, execution);
      return execution;
    },
  };
}

async function obtain(deps: ExecutorDeps, flights: SingleFlight<Outcome>, job: Job): Promise<Outcome> {
  const { pattern, request } = job;
  if (!request.useCache || pattern.cacheTtlSeconds === 0) return work(deps, job, null);
  const watch = stopwatch();
  const { workspaceId } = request;
  const key = cacheKey(workspaceId, [pattern.name, request.mode, request.query, request.context ?? null]);
  const slot: CacheSlot = { workspaceId, pattern: pattern.name, key };
  // Who has less time does not end the work of who has more; who asks after a write does not get what was begun before it.
  const { value, leader } = await flights.run(`${key} ${request.timeoutMs} ${deps.cache.epoch}`, async () => {
    const found = await deps.cache.get(slot);
    const lookup = watch();
    const stageMs = { lookup, route: 0, execute: 0, store: 0 };
    if (found.answer !== null) return { answer: found.answer, tokens: 0, tier: found.tier, degraded: found.degraded, stageMs };
    const made = await work(deps, job, { slot, asOf: found.asOf });
    return { ...made, degraded: made.degraded || found.degraded, stageMs: { ...made.stageMs, lookup } };
  });
  // Who waited for another's work spent nothing: for him the answer came from this process.
  if (leader || value.tier !== 'none') return value;
  return { ...value, tokens: 0, tier: 'local', stageMs: { lookup: watch(), route: 0, execute: 0, store: 0 } };
}

interface Keeping {
  readonly slot: CacheSlot;
  readonly asOf: AsOf;
}

/** Asks the model, books its tokens, keeps the answer if it may be kept. No transaction is open while the model thinks. */
async function work({ model, ledger, cache }: ExecutorDeps, job: Job, keeping: Keeping | null): Promise<Outcome> {
  const { id, pattern, request } = job;
  const watch = stopwatch();
  const plan = planPrompt(pattern, request.mode, request.query, request.context);
  const route = watch();
  const completion = await model.complete({ opId: id, ...plan, timeoutMs: request.timeoutMs });
  const execute = watch();
  const { promptTokens, completionTokens } = completion;
  const tokens = await ledger.book({
    opId: id,
    workspaceId: request.workspaceId,
    kind: 'execute',
    promptTokens,
    completionTokens,
    source: 'meter',
  });
  const answer = { text: completion.text, tokensBaseline: completion.baselinePromptTokens + completionTokens };
  const stored = keeping === null || (await cache.set(keeping.slot, answer, { asOf: keeping.asOf, ttlSeconds: pattern.cacheTtlSeconds }));
  const told = pattern.outdates.length === 0 || (await cache.wrote(request.workspaceId, pattern.outdates));
  return { answer, tokens, tier: 'none', degraded: !stored || !told, stageMs: { lookup: 0, route, execute, store: watch() } };
}

function toExecution(job: Job, outcome: Outcome, ms: { readonly match: number; readonly total: number }): Execution {
  return {
    execution_id: job.id,
    success: true,
    pattern_name: job.pattern.name,
    pattern_type: job.pattern.type,
    result: { query: job.request.query, text: outcome.answer.text },
    execution_time_ms: ms.total,
    stage_ms: { match: ms.match, ...outcome.stageMs },
    tokens_used: outcome.tokens,
    tokens_baseline: outcome.answer.tokensBaseline,
    cache_hit: outcome.tier !== 'none',
    cache_tier: outcome.tier,
    degraded: outcome.degraded ? ['cache'] : [],
    error: null,
  };
}

function record(log: ExecutionLog, { request, pattern }: Job, execution: Execution): void {
  log.add({
    id: execution.execution_id,
    workspace_id: request.workspaceId,
    agent_id: request.agentId,
    pattern: pattern.name,
    type: pattern.type,
    ms: execution.execution_time_ms,
    tokens: execution.tokens_used,
    baseline: execution.tokens_baseline,
    cache_tier: execution.cache_tier,
  });
}

/** Each call returns the milliseconds since the one before. */
function stopwatch(): () => number {
  let lastMs = performance.now();
  return () => {
    const nowMs = performance.now();
    const elapsedMs = nowMs - lastMs;
    lastMs = nowMs;
    return Math.round(elapsedMs * 1000) / 1000;
  };
}
