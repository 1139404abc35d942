import { messageOf } from '../../shared/log.ts';
import { repeat, type Repeater } from '../../shared/repeat.ts';
import { planOf } from './plans.ts';
import type { OperationRow, OperationStore, StepOutcome, StepRow } from './operation.ts';
import type { WorkerAnswer, Workers } from './workers.ts';

export interface RunnerDeps {
  readonly store: OperationStore;
  readonly workers: Workers;
  readonly onError: (error: unknown) => void;
}

/** Below this an operation waits for a person. */
export const CONFIDENCE_THRESHOLD = 0.7;
const SLOTS = 4;
const POLL_MS = 500;
const STEP_LIMIT_MS = 30_000;

/**
 * Works off operations from the table, a few at a time. The table is the queue: what a runner that died left behind is taken up
 * again when its claim runs out, from the first step that is not finished.
 */
export function startRunner(deps: RunnerDeps): Repeater {
  const slots = Array.from({ length: SLOTS }, () => repeat((stopped) => drain(deps, stopped), POLL_MS, deps.onError));
  return {
    wake: () => {
      for (const slot of slots) slot.wake();
    },
    stop: async () => {
      await Promise.all(slots.map((slot) => slot.stop()));
    },
  };
}

async function drain(deps: RunnerDeps, stopped: AbortSignal): Promise<void> {
  while (!stopped.aborted) {
    const operation = await deps.store.claim();
    if (operation === null) return;
    await runOperation(deps, operation);
  }
}

/** Exported for tests: one operation from wherever it stands to its end state. */
export async function runOperation({ store, workers }: RunnerDeps, claimed: OperationRow): Promise<OperationRow> {
  let operation = claimed;
  try {
    if (operation.status === 'idle') operation = await store.move(operation, { to: 'planning' });
    const steps = await store.plan(operation.id, planOf(operation.type, operation.parameters));
    if (operation.status === 'planning') operation = await store.move(operation, { to: 'executing' });
    const outcome = await runSteps(store, workers, operation, steps);
    if (outcome.failure !== null)
      return await store.move(operation, { to: 'failed', error: outcome.failure, result: outcome.result, tokens: outcome.tokens });
    if (operation.status === 'executing') operation = await store.move(operation, { to: 'validating' });
    return await conclude(store, operation, outcome);
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'validation_failed') throw error;
    return store.move(operation, { to: 'failed', error: messageOf(error) });
  }
}

interface StepsOutcome {
  readonly failure: string | null;
  readonly confidence: number;
  readonly tokens: number;
  readonly result: {
    readonly steps_executed: number;
    readonly steps_successful: number;
    readonly steps_failed: number;
    readonly results: readonly unknown[];
  };
}

async function runSteps(
  store: OperationStore,
  workers: Workers,
  operation: OperationRow,
  steps: readonly StepRow[],
): Promise<StepsOutcome> {
  let parameters = operation.parameters;
  let confidence = 1;
  let tokens = operation.tokens;
  let failure: string | null = null;
  const results: unknown[] = [];
  let executed = 0;
  for (const step of steps) {
    if (failure !== null) {
      await store.finishStep(operation.id, { step: step.step, status: 'skipped', executionTimeMs: 0 });
      continue;
    }
    const done = step.status === 'completed' ? finishedBefore(step) : await runStep(store, workers, operation, { step, parameters });
    executed++;
    if (done.status === 'failed') failure = `step ${step.step} (${step.worker}/${step.action}): ${done.error ?? 'failed'}`;
    confidence = Math.min(confidence, done.confidence ?? 1);
    tokens += done.tokens_used;
    results.push(done.result);
    parameters = { ...parameters, ...carriedOver(done.result) };
  }
  const successful = executed - (failure === null ? 0 : 1);
  return {
    failure,
    confidence,
    tokens,
    result: { steps_executed: executed, steps_successful: successful, steps_failed: executed - successful, results },
  };
}

function finishedBefore(step: StepRow): WorkerAnswer {
  return { status: 'completed', result: step.result, confidence: step.confidence, error: null, tokens_used: 0 };
}

/** A step hands its records on; everything else stays in its own result. */
function carriedOver(result: WorkerAnswer['result']): Readonly<Record<string, unknown>> {
  return result !== null && Array.isArray(result['records']) ? { records: result['records'] as unknown } : {};
}

interface StepInput {
  readonly step: StepRow;
  readonly parameters: Readonly<Record<string, unknown>>;
}

async function runStep(
  store: OperationStore,
  workers: Workers,
  operation: OperationRow,
  { step, parameters }: StepInput,
): Promise<WorkerAnswer> {
  const startedAtMs = performance.now();
  const answer = await askWorker(workers, operation, { step, parameters });
  const outcome: StepOutcome = {
    step: step.step,
    status: answer.status,
    result: answer.result ?? undefined,
    ...(answer.confidence === null ? {} : { confidence: answer.confidence }),
    ...(answer.error === null ? {} : { error: answer.error }),
    executionTimeMs: performance.now() - startedAtMs,
  };
  await store.finishStep(operation.id, outcome);
  return answer;
}

/** A worker that cannot be asked, or not in time, is a failed step, not a failed runner. */
async function askWorker(workers: Workers, operation: OperationRow, { step, parameters }: StepInput): Promise<WorkerAnswer> {
  const leftMs = operation.deadline_at.getTime() - Date.now();
  if (leftMs <= 0) return failed('the operation ran out of time');
  try {
    const deadlineMs = Math.min(leftMs, STEP_LIMIT_MS);
    return await workers.run({ worker: step.worker, operationId: operation.id, action: step.action, parameters, deadlineMs });
  } catch (error) {
    return failed(messageOf(error));
  }
}

function failed(error: string): WorkerAnswer {
  return { status: 'failed', result: null, confidence: null, error, tokens_used: 0 };
}

async function conclude(
  store: OperationStore,
  operation: OperationRow,
  { confidence, tokens, result }: StepsOutcome,
): Promise<OperationRow> {
  if (confidence >= CONFIDENCE_THRESHOLD) return store.move(operation, { to: 'completed', confidence, tokens, result });
  await store.escalate(operation.id, `confidence ${confidence.toFixed(2)} is below ${CONFIDENCE_THRESHOLD}`, confidence);
  return store.move(operation, { to: 'escalating', confidence, tokens, result });
}
