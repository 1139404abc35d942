import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { METER_AS_IS } from '../meter/seams.ts';
import { startMeter } from '../meter/compose.ts';
import { createLog } from '../shared/log.ts';
import { send } from '../testing/client.ts';
import { HOST } from '../testing/stack.ts';
import { startWorker } from './compose.ts';
import { readWorkerConfig } from './config.ts';
import { WORKER_AS_IS } from './seams.ts';

const log = { ...createLog('test'), info: () => undefined };
const running: { stop(): Promise<void> }[] = [];
let meter: { readonly url: string };
let worker: { readonly url: string };
beforeAll(async () => {
  const model = await startMeter({ host: HOST, port: 0 }, log, METER_AS_IS);
  meter = { url: `http://${HOST}:${model.port}` };
  const asking = await startWorker(readWorkerConfig({ ROLE: 'ai_ml', METER_URL: meter.url }), log, WORKER_AS_IS);
  worker = { url: `http://${HOST}:${asking.port}` };
  running.push(asking, model);
});
afterAll(async () => {
  for (const service of running) await service.stop();
});

describe('a worker', () => {
  it('says what it can do', async () => {
    expect(await send(worker, 'GET /health')).toMatchObject({ status: 200, body: { status: 'healthy', operations: ['complete'] } });
  });

  it('says how many tokens it took, as the meter counted them', async () => {
    const body = { operation: 'complete', operation_id: 'op-1', parameters: { text: 'hello' } };
    const { body: done } = await send(worker, 'POST /operations', { body });
    const { body: usage } = await send(meter, 'GET /v1/usage?op=op-1');
    expect(done).toMatchObject({ operation_id: 'op-1', worker: 'ai_ml', status: 'completed', tokens_used: usage['total_tokens'] });
  });

  it.each([
    ['an operation it does not have', { operation: 'constructor' }, 400, 'unknown_operation'],
    ['parameters it does not take', { operation: 'complete', parameters: { text: '' } }, 422, 'validation_failed'],
    ['a deadline that is too short', { operation: 'complete', parameters: { text: 'hello' }, deadline_ms: 1 }, 504, 'timeout'],
  ])('refuses %s', async (_, body, status, code) => {
    expect(await send(worker, 'POST /operations', { body })).toMatchObject({ status, body: { error: { code } } });
  });
});

describe('the meter', () => {
  it('cuts an answer at its limit and remembers nothing of an operation it never saw', async () => {
    const body = { op_id: 'op-2', prompt: 'hello', max_tokens: 3 };
    expect((await send(meter, 'POST /v1/complete', { body })).body['usage']).toMatchObject({ completion_tokens: 3 });
    expect((await send(meter, 'GET /v1/usage?op=never')).body).toMatchObject({ calls: 0, total_tokens: 0 });
    expect((await send(meter, 'GET /v1/usage')).status).toBe(422);
  });
});

it.each([
  ['worker', '/operations', () => worker],
  ['meter', '/v1/complete', () => meter],
])('the %s describes itself', async (_, path, service) => {
  const { body } = await send(service(), 'GET /openapi.json');
  expect(Object.keys(body['paths'] as object)).toContain(path);
});
