import { describe, expect, it } from 'vitest';
import { ServiceError } from '../../shared/service-error.ts';
import type { OperationRow, OperationStore, StepRow } from './operation.ts';
import { planOf } from './plans.ts';
import { operationId } from './routes.ts';
import { runOperation } from './runner.ts';
import { OPEN_STATUSES, OPERATION_STATUSES, OPERATION_TRANSITIONS } from './states.ts';
import type { WorkerAnswer, Workers } from './workers.ts';

function inMemory(): OperationStore & { readonly escalated: string[]; readonly steps: StepRow[] } {
  const steps: StepRow[] = [];
  const escalated: string[] = [];
  const unused = () => Promise.reject(new Error('not needed here'));
  return {
    steps,
    escalated,
    create: unused,
    get: unused,
    claim: unused,
    escalations: unused,
    counts: unused,
    move: async (operation, { to, ...rest }) => {
      expect(OPERATION_TRANSITIONS[operation.status]).toContain(to);
      return { ...operation, ...rest, status: to };
    },
    plan: async (_, planned) => {
      if (steps.length === 0) {
        const empty = { status: 'pending', result: null, confidence: null, error: null, execution_time_ms: null } as const;
        steps.push(...planned.map((step, index) => ({ ...empty, ...step, step: index + 1 })));
      }
      return steps;
    },
    finishStep: async (_, { step, status }) => {
      steps[step - 1] = { ...(steps[step - 1] as StepRow), status };
    },
    escalate: async (id) => {
      escalated.push(id);
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
  deadline_at: new Date(Date.now() + 60_000),
  result: null,
  error: null,
  confidence: null,
  tokens: 0,
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
  tokens_used: 0,
  ...over,
});
const onError = () => undefined;

describe('runOperation', () => {
  it('completes when every step does, with the lowest confidence and the sum of the tokens', async () => {
    const store = inMemory();
    const answers = [answer({ confidence: 0.9, tokens_used: 3 }), answer({ confidence: 0.8 }), answer({ tokens_used: 4 })];
    const workers: Workers = { run: async () => answers.shift() ?? answer() };
    expect(await runOperation({ store, workers, onError }, operation())).toMatchObject({ status: 'completed', confidence: 0.8, tokens: 7 });
  });

  it('escalates below the threshold', async () => {
    const store = inMemory();
    const done = await runOperation({ store, workers: { run: async () => answer({ confidence: 0.69 }) }, onError }, operation());
    expect([done.status, store.escalated]).toEqual(['escalating', ['op-1']]);
  });

  it('skips the steps after one that fails', async () => {
    const store = inMemory();
    const workers: Workers = {
      run: ({ action }) => (action === 'profile' ? Promise.reject(new ServiceError('timeout', 'late')) : Promise.resolve(answer())),
    };
    const done = await runOperation({ store, workers, onError }, operation());
    expect(done).toMatchObject({
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
    await store.finishStep('op-1', { step: 1, status: 'completed', executionTimeMs: 1 });
    expect((await runOperation({ store, workers, onError }, operation({ status: 'executing' }))).status).toBe('completed');
    expect(asked).toEqual(['profile', 'load']);
  });

  it('hands the records of a step on to the next', async () => {
    const seen: unknown[] = [];
    const workers: Workers = {
      run: async ({ parameters }) => {
        seen.push(parameters['records']);
        return answer({ result: seen.length === 1 ? { records: ['normalised'] } : {} });
      },
    };
    await runOperation({ store: inMemory(), workers, onError }, operation());
    expect(seen).toEqual([[{ id: 1 }], ['normalised'], ['normalised']]);
  });

  it('fails when its time is over', async () => {
    const done = await runOperation(
      { store: inMemory(), workers: { run: async () => answer() }, onError },
      operation({ deadline_at: new Date(0) }),
    );
    expect(done.error).toContain('ran out of time');
  });
});

it('an end state has no way on, and an open one has', () => {
  expect(OPERATION_STATUSES.filter((status) => OPERATION_TRANSITIONS[status].length === 0)).toEqual(['completed', 'failed']);
  for (const status of OPEN_STATUSES) expect(OPERATION_TRANSITIONS[status]).toContain('failed');
});

it('a custom operation must say its steps', () => {
  expect(() => planOf('custom', {})).toThrow(ServiceError);
});

it('operation ids carry the time', () => {
  expect(operationId(new Date('2026-01-02T03:04:05Z'))).toMatch(/^op-20260102-030405-[0-9a-f]{8}$/);
});
