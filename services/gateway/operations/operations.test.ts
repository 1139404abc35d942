import { describe, expect, it } from 'vitest';
import { ServiceError } from '../../shared/service-error.ts';
import { sureEnough } from './confidence.ts';
import { newOperationId } from './endpoints.ts';
import type { OperationRow, OperationStore, StepRow } from './operation.ts';
import { planOf } from './plans.ts';
import { runOperation, type RunnerDeps } from './runner.ts';
import { canMove, OPERATION_STATUSES } from './states.ts';
import type { WorkerAnswer, Workers } from './workers.ts';

function inMemory(): OperationStore & { readonly escalated: string[]; readonly released: string[]; readonly steps: StepRow[] } {
  const steps: StepRow[] = [];
  const escalated: string[] = [];
  const released: string[] = [];
  const unused = () => Promise.reject(new Error('not needed here'));
  const move: OperationStore['move'] = async (row, { to, error = null, confidence = null, result = null }) => {
    expect(canMove(row.status, to), `${row.status} to ${to}`).toBe(true);
    return { ...row, status: to, error, confidence, result: result as OperationRow['result'] };
  };
  return {
    steps,
    escalated,
    released,
    create: unused,
    get: unused,
    list: unused,
    claim: unused,
    counts: unused,
    move,
    release: async ({ id }) => {
      released.push(id);
    },
    escalate: async (row, _, outcome) => {
      escalated.push(row.id);
      return move(row, { to: 'escalating', ...outcome });
    },
    plan: async (_, planned) => {
      if (steps.length === 0) {
        const empty = { status: 'pending', result: null, confidence: null, error: null, execution_time_ms: null } as const;
        steps.push(...planned.map((step, index) => ({ ...empty, ...step, step: index + 1 })));
      }
      return steps;
    },
    startStep: async () => undefined,
    finishStep: async (_, { step, status, error = null }) => {
      steps[step - 1] = { ...(steps[step - 1] as StepRow), status, error };
    },
  };
}

const operation = (over: Partial<OperationRow> = {}): OperationRow => ({
  id: 'op-1',
  workspace_id: 'w',
  type: 'data_pipeline',
  status: 'idle',
  parameters: { records: [{ id: 1 }] },
  metadata: {},
  require_validation: true,
  deadline_at: new Date(Date.now() + 60_000),
  result: null,
  error: null,
  confidence: null,
  tokens: 0,
  claims: 1,
  version: 1,
  created_at: new Date(),
  started_at: null,
  finished_at: null,
  updated_at: new Date(),
  ...over,
});

const answer = (over: Partial<WorkerAnswer> = {}): WorkerAnswer => ({
  status: 'completed',
  result: {},
  confidence: 1,
  error: null,
  usage: { prompt_tokens: 0, completion_tokens: 0 },
  ...over,
});
const run = (parts: Partial<RunnerDeps>, row: OperationRow = operation(), stopped?: AbortSignal) => {
  const changed = async (): Promise<void> => undefined;
  const workers: Workers = { run: async () => answer() };
  const deps = { store: inMemory(), workers, planner: planOf, sureEnough, changed, onError: () => undefined, ...parts };
  return runOperation(deps, row, stopped);
};

describe('runOperation', () => {
  it('completes when every step does, with the lowest confidence', async () => {
    const answers = [answer({ confidence: 0.9 }), answer({ confidence: 0.8 }), answer()];
    const told: string[] = [];
    const changed = async ({ status }: OperationRow): Promise<void> => void told.push(status);
    const done = await run({ workers: { run: async () => answers.shift() ?? answer() }, changed });
    expect(done).toMatchObject({ status: 'completed', confidence: 0.8, result: { steps_executed: 3, steps_successful: 3 } });
    expect(told).toEqual(['planning', 'executing', 'validating', 'completed']);
  });

  it('escalates below the threshold, unless no validation was asked for', async () => {
    const workers: Workers = { run: async () => answer({ confidence: 0.69 }) };
    const store = inMemory();
    expect([(await run({ store, workers })).status, store.escalated]).toEqual(['escalating', ['op-1']]);
    expect((await run({ workers }, operation({ require_validation: false }))).status).toBe('completed');
  });

  it('skips the steps after one that fails, and says which worker and why', async () => {
    const store = inMemory();
    const workers: Workers = {
      run: ({ action }) => (action === 'profile' ? Promise.reject(new ServiceError('timeout', 'late')) : Promise.resolve(answer())),
    };
    expect(await run({ store, workers })).toMatchObject({
      status: 'failed',
      error: 'step 2 (data_quality/profile): late',
      result: { steps_executed: 2, steps_failed: 1 },
    });
    expect(store.steps.map(({ status }) => status)).toEqual(['completed', 'failed', 'skipped']);
  });

  it('goes on after the steps that a runner before it finished', async () => {
    const store = inMemory();
    const asked: string[] = [];
    const workers: Workers = {
      run: async ({ action }) => {
        asked.push(action);
        return answer();
      },
    };
    await store.plan('op-1', planOf('data_pipeline', {}));
    await store.finishStep(operation(), { step: 1, status: 'completed', promptTokens: 0, completionTokens: 0, executionTimeMs: 1 });
    expect((await run({ store, workers }, operation({ status: 'executing' }))).status).toBe('completed');
    expect(asked).toEqual(['profile', 'load']);
  });

  it('does not do again what failed before', async () => {
    const store = inMemory();
    await store.plan('op-1', planOf('data_pipeline', {}));
    const outcome = { step: 1, status: 'failed', error: 'no', promptTokens: 0, completionTokens: 0, executionTimeMs: 1 } as const;
    await store.finishStep(operation(), outcome);
    const done = await run({ store, workers: { run: () => Promise.reject(new Error('asked again')) } }, operation({ status: 'executing' }));
    expect(done).toMatchObject({ status: 'failed', error: 'step 1 (florida_data/extract): no' });
  });

  it('hands the records of a step on to the next', async () => {
    const seen: unknown[] = [];
    const workers: Workers = {
      run: async ({ parameters }) => {
        seen.push(parameters['records']);
        return answer({ result: seen.length === 1 ? { records: ['normalised'] } : {} });
      },
    };
    await run({ workers });
    expect(seen).toEqual([[{ id: 1 }], ['normalised'], ['normalised']]);
  });

  it('fails when its time is over', async () => {
    expect((await run({}, operation({ deadline_at: new Date(0) }))).error).toContain('ran out of time');
  });

  it('fails with what is wrong about its plan', async () => {
    expect(await run({}, operation({ type: 'custom' }))).toMatchObject({ status: 'failed', error: 'the input is not valid' });
  });

  it('gives its claim back when the process stops between two steps', async () => {
    const store = inMemory();
    const stop = new AbortController();
    const workers: Workers = {
      run: async () => {
        stop.abort();
        return answer();
      },
    };
    const left = await run({ store, workers }, operation(), stop.signal);
    expect([left.status, store.released, store.steps.map(({ status }) => status)]).toEqual([
      'executing',
      ['op-1'],
      ['completed', 'pending', 'pending'],
    ]);
  });
});

describe('the status table', () => {
  const legal = [
    'idle planning',
    'idle failed',
    'planning executing',
    'planning failed',
    'executing validating',
    'executing failed',
    'validating completed',
    'validating escalating',
    'validating failed',
    'escalating completed',
    'escalating failed',
  ];
  const pairs = OPERATION_STATUSES.flatMap((from) => OPERATION_STATUSES.map((to) => [from, to] as const));
  it.each(pairs)('%s to %s', (from, to) => expect(canMove(from, to)).toBe(legal.includes(`${from} ${to}`)));
});

it('a custom operation must say its steps', () => {
  expect(() => planOf('custom', {})).toThrow(ServiceError);
});

it('operation ids carry the time', () => {
  expect(newOperationId(new Date('2026-01-02T03:04:05Z'))).toMatch(/^op-20260102-030405-[0-9a-f]{8}$/);
});
