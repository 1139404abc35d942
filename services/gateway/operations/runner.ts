import { messageOf } from '../../shared/log.ts';
import type { Repeater, repeat } from '../../shared/repeat.ts';
import { ServiceError } from '../../shared/service-error.ts';
import { startSlots } from '../../shared/slots.ts';
import { Interrupted, unlessStopped } from '../../shared/unless-stopped.ts';
import { CONFIDENCE_THRESHOLD, type Judge } from './confidence.ts';
import type { Move, OperationRow, OperationStore, StepRow } from './operation.ts';
import type { PlannedStep, Planner } from './plans.ts';
import type { WorkerAnswer, Workers } from './workers.ts';

export interface RunnerDeps {
  readonly store: OperationStore;
  readonly workers: Workers;
  readonly planner: Planner;
  readonly sureEnough: Judge;
  /** Told of every change of state, after its commit. */
  readonly changed: (operation: OperationRow) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

const SLOTS = 4;
const STEP_LIMIT_MS = 30_000;
/** How long a step in flight may keep the process from stopping; after that another runner does the step again. */
const STOP_GRACE_MS = 3000;
const NEVER = new AbortController().signal;

/**
 * Works off operations from the table, a few at a time. The table is the queue: what a runner that died left behind is taken up
 * again when its claim runs out, from the first step that is not finished.
 */
export function startRunner(deps: RunnerDeps, every: typeof repeat): Repeater {
  return startSlots(
    SLOTS,
    async (stopped) => {
      const operation = await deps.store.claim();
      if (operation !== null) await runOperation(deps, operation, stopped);
      return operation !== null;
    },
    deps.onError,
    every,
  );
}

/** One operation from wherever it stands to its end state, or until stopped. */
export async function runOperation(deps: RunnerDeps, claimed: OperationRow, stopped: AbortSignal = NEVER): Promise<OperationRow> {
  const { store } = deps;
  let operation = claimed;
  const move = async (to: Move): Promise<void> => {
    operation = await store.move(operation, to);
    await deps.changed(operation);
  };
  try {
    if (operation.status === 'idle') await move({ to: 'planning' });
    const planned = plannedSteps(deps.planner, operation);
    if (planned instanceof ServiceError) {
      await move({ to: 'failed', error: messageOf(planned) });
      return operation;
    }
    const steps = await store.plan(operation.id, planned);
    if (operation.status === 'planning') await move({ to: 'executing' });
    const { failure, confidence, result } = await runSteps({ ...deps, operation, stopped }, steps);
    if (failure !== null) {
      await move({ to: 'failed', error: failure, result });
      return operation;
    }
    if (operation.status === 'executing') await move({ to: 'validating' });
    if (!operation.require_validation || deps.sureEnough(confidence)) {
      await move({ to: 'completed', confidence, result });
      return operation;
    }
    const reason = `confidence ${confidence.toFixed(2)} is below ${CONFIDENCE_THRESHOLD}`;
    operation = await store.escalate(operation, reason, { confidence, result });
    await deps.changed(operation);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    await store.release(operation);
  }
  return operation;
}

/** What was accepted when it came can still be refused by a newer version of the program. */
function plannedSteps(planner: Planner, { type, parameters }: OperationRow): readonly PlannedStep[] | ServiceError {
  try {
    return planner(type, parameters);
  } catch (error) {
    if (error instanceof ServiceError) return error;
    throw error;
  }
}

interface StepsOutcome {
  readonly failure: string | null;
  readonly confidence: number;
  readonly result: {
    readonly steps_executed: number;
    readonly steps_successful: number;
    readonly steps_failed: number;
    readonly results: readonly unknown[];
  };
}

interface Running extends RunnerDeps {
  readonly operation: OperationRow;
  readonly stopped: AbortSignal;
}

async function runSteps(running: Running, steps: readonly StepRow[]): Promise<StepsOutcome> {
  let { parameters } = running.operation;
  let confidence = 1;
  let failure: string | null = null;
  const results: unknown[] = [];
  for (const step of steps) {
    if (failure !== null) {
      await skip(running, step);
      continue;
    }
    const done = finishedBefore(step) ?? (await runStep(running, step, parameters));
    if (done.status === 'failed') failure = `step ${step.step} (${step.worker}/${step.action}): ${done.error ?? 'failed'}`;
    confidence = Math.min(confidence, done.confidence ?? 1);
    results.push(done.result);
    parameters = { ...parameters, ...carriedOver(done.result) };
  }
  const failed = failure === null ? 0 : 1;
  const executed = results.length;
  return { failure, confidence, result: { steps_executed: executed, steps_successful: executed - failed, steps_failed: failed, results } };
}

/** What a runner before this one made of the step; null when it did not get that far. */
function finishedBefore({ status, result, confidence, error }: StepRow): WorkerAnswer | null {
  if (status !== 'completed' && status !== 'failed') return null;
  return { status, result, confidence, error, usage: NO_TOKENS };
}

/** A step hands its records on; everything else stays in its own result. */
function carriedOver(result: WorkerAnswer['result']): Readonly<Record<string, unknown>> {
  return result !== null && Array.isArray(result['records']) ? { records: result['records'] as unknown } : {};
}

async function skip({ store, operation }: Running, { step }: StepRow): Promise<void> {
  await store.finishStep(operation, { step, status: 'skipped', promptTokens: 0, completionTokens: 0, executionTimeMs: 0 });
}

async function runStep(running: Running, step: StepRow, parameters: OperationRow['parameters']): Promise<WorkerAnswer> {
  const { store, operation, stopped } = running;
  if (stopped.aborted) throw new Interrupted('the process stops');
  await store.startStep(operation, step.step);
  const startedAtMs = performance.now();
  const answer = await unlessStopped(askWorker(running, step, parameters), stopped, STOP_GRACE_MS);
  await store.finishStep(operation, {
    step: step.step,
    status: answer.status,
    result: answer.result ?? undefined,
    ...(answer.confidence === null ? {} : { confidence: answer.confidence }),
    ...(answer.error === null ? {} : { error: answer.error }),
    promptTokens: answer.usage.prompt_tokens,
    completionTokens: answer.usage.completion_tokens,
    executionTimeMs: performance.now() - startedAtMs,
  });
  return answer;
}

/** A worker that cannot be asked, or not in time, is a failed step, not a failed runner. */
async function askWorker(
  { workers, operation }: Running,
  { worker, action }: StepRow,
  parameters: OperationRow['parameters'],
): Promise<WorkerAnswer> {
  const leftMs = operation.deadline_at.getTime() - Date.now();
  if (leftMs <= 0) return failedStep('the operation ran out of time');
  try {
    return await workers.run({ worker, operationId: operation.id, action, parameters, deadlineMs: Math.min(leftMs, STEP_LIMIT_MS) });
  } catch (error) {
    return failedStep(messageOf(error));
  }
}

const NO_TOKENS: WorkerAnswer['usage'] = { prompt_tokens: 0, completion_tokens: 0 };

function failedStep(error: string): WorkerAnswer {
  return { status: 'failed', result: null, confidence: null, error, usage: NO_TOKENS };
}
