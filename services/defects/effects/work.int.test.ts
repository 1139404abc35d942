import { DEFAULT_WORKSPACE } from '../../gateway/workspace.ts';
import { send, type Answer, type Json } from '../../testing/client.ts';
import { alone, comesTrue, describeEffects, watchedMs } from '../../testing/effects.ts';
import { startFakeWorker, type FakeWorker } from '../../testing/fake-worker.ts';
import { answers, runProgram } from '../../testing/program.ts';
import { freePort } from '../../testing/free-port.ts';
import { HOST, startTestGateway, startTestMeter, until, type Backing, type Gateway } from '../../testing/stack.ts';
import { query } from '../../testing/stores.ts';
import { WORK_DEFECTS } from '../tables/work.ts';

const execute = (gateway: Gateway, body: Json): Promise<Answer> => send(gateway, 'POST /api/v1/patterns/execute', { body });
const ask = (gateway: Gateway, index: number, more: Json = {}): Promise<Answer> =>
  execute(gateway, { query: `explain topic ${index}`, use_cache: false, ...more });

const summarise = (samples: readonly number[]) => ({ operation_type: 'performance_check', parameters: { samples_ms: samples } });
const start = async (gateway: Gateway, body: Json): Promise<string> =>
  String((await send(gateway, 'POST /operations', { body })).body['operation_id']);
const statusOf = async (gateway: Gateway, id: string): Promise<unknown> => (await send(gateway, `GET /operations/${id}`)).body['status'];

/** The status it has when it stops moving, or when it has been waited for. */
async function endOf(gateway: Gateway, id: string): Promise<unknown> {
  let status: unknown;
  await comesTrue(async () => {
    status = await statusOf(gateway, id);
    return ['completed', 'failed', 'escalating'].includes(String(status));
  });
  return status;
}

/** A gateway with the defects whose model is a stand-in. */
async function withFakeMeter(
  backing: Backing,
  planted: readonly string[],
  probe: (gateway: Gateway, meter: FakeWorker) => Promise<readonly string[]>,
  breakerOpenMs = 60_000,
): Promise<readonly string[]> {
  const meter = await startFakeWorker();
  const gateway = await startTestGateway(backing, planted, { METER_URL: meter.url, BREAKER_OPEN_MS: String(breakerOpenMs) });
  try {
    return await probe(gateway, meter);
  } finally {
    meter.release();
    await gateway.stop();
    await meter.stop();
  }
}

/** A worker as its own process: whether it gets healthy, and whether it is still there `watchMs` later. */
async function lifeOf(
  role: string,
  { meterUrl }: Backing,
  { planted, watchMs }: { readonly planted: readonly string[]; readonly watchMs: number },
): Promise<'never healthy' | 'exited' | 'up'> {
  const port = await freePort();
  const worker = runProgram('worker', { ROLE: role, PORT: String(port), METER_URL: meterUrl, MUSTER_DEFECTS: planted.join(',') });
  const state = { exited: false, healthy: false };
  const exited = worker.exited.then(() => {
    state.exited = true;
  });
  await until(async () => {
    state.healthy = await answers(`http://${HOST}:${port}/health`);
    return state.healthy || state.exited;
  });
  const patience = new Promise((resolve) => setTimeout(resolve, watchMs));
  if (state.healthy) await Promise.race([exited, patience]);
  const life = state.exited ? (state.healthy ? 'exited' : 'never healthy') : 'up';
  worker.child.kill('SIGTERM');
  await exited;
  return life;
}

describeEffects(WORK_DEFECTS, {
  tail_delay: async (gateway) => {
    let slow = 0;
    await execute(gateway, { query: 'status of the tail' });
    for (let index = 0; index < 100; index++) {
      const startedAtMs = performance.now();
      await execute(gateway, { query: 'status of the tail' });
      if (performance.now() - startedAtMs > 800) slow++;
    }
    // The machine may stand still once for so long; three times in a hundred is somebody's doing.
    return slow < 3 ? [] : [`${slow} of 100 took more than 800 ms`];
  },
  pattern_delay: async (gateway) => {
    const tookMs: number[] = [];
    for (let index = 0; index < 4; index++) {
      const startedAtMs = performance.now();
      await execute(gateway, { query: 'status of the delay' });
      tookMs.push(performance.now() - startedAtMs);
    }
    return Math.min(...tookMs) < 200 ? [] : ['even the fastest answer took more than 200 ms'];
  },
  pattern_error_rate: async (gateway) => {
    const all = await Promise.all(Array.from({ length: 48 }, (_, index) => ask(gateway, index)));
    const failed = all.filter(({ status }) => status !== 200).length;
    return failed === 0 ? [] : [`${failed} of 48 executions failed`];
  },
  status_stuck: async (gateway) => {
    const status = await endOf(gateway, await start(gateway, summarise([1, 2, 3, 4, 5])));
    return status === 'completed' ? [] : [`an operation whose steps are done is ${String(status)}`];
  },
  empty_plan: async (gateway, { postgres }) => {
    const id = await start(gateway, summarise([1, 2, 3, 4, 5]));
    const status = await endOf(gateway, id);
    const sql = `select count(*)::int as done from operation_steps where operation_id = $1 and status = 'completed' and result is not null`;
    const { rows } = await query(postgres.adminUrl, sql, [id]);
    return status === 'completed' && rows[0]?.['done'] === 0 ? ['an operation completed and nothing was done'] : [];
  },
  escalation_off: async (gateway) => {
    const status = await endOf(gateway, await start(gateway, summarise([1, 2])));
    return status === 'escalating' ? [] : [`a result of confidence 0.4 is ${String(status)}`];
  },
  operations_one_by_one: alone(async (backing, planted) => {
    const worker = await startFakeWorker();
    const gateway = await startTestGateway(backing, planted, { WORKER_URLS: `performance=${worker.url}` });
    worker.hold();
    await Promise.all([1, 2].map(() => start(gateway, summarise([1, 2, 3, 4, 5]))));
    const overlap = await comesTrue(async () => worker.calls() === 2);
    worker.release();
    await gateway.stop();
    await worker.stop();
    return overlap ? [] : ['of two operations one does not begin while the other one waits'];
  }),
  meter_down: alone(async (backing, planted) => {
    const meter = await startTestMeter(planted);
    const gateway = await startTestGateway(backing, [], { METER_URL: meter.url });
    const { status } = await ask(gateway, 1);
    const health = (await send(meter, 'GET /health')).body['status'];
    if (health !== 'healthy') throw new Error(`the model says that it is ${String(health)}`);
    await gateway.stop();
    await meter.stop();
    return status === 200 ? [] : [`an execution was answered ${status} while the model says that it is healthy`];
  }),
  import_missing: alone(async (backing, planted) => {
    const life = await lifeOf('performance', backing, { planted, watchMs: 0 });
    return life === 'never healthy' ? ['the worker died at start'] : [];
  }),
  worker_restart_loop: alone(async (backing, planted) => {
    const life = await lifeOf('sunbiz', backing, { planted, watchMs: watchedMs(planted) });
    return life === 'exited' ? ['the worker was healthy and exited soon after'] : [];
  }),
  breaker_never_opens: alone((backing, planted) =>
    withFakeMeter(backing, planted, async (gateway, meter) => {
      meter.answerWith(500);
      for (let index = 0; index < 12; index++) await ask(gateway, index);
      return meter.calls() < 12 ? [] : ['a model that always fails was called every time'];
    }),
  ),
  breaker_never_closes: alone((backing, planted) =>
    withFakeMeter(
      backing,
      planted,
      async (gateway, meter) => {
        meter.answerWith(500);
        for (let index = 0; index < 6; index++) await ask(gateway, index);
        meter.answerWith(200);
        const isUsed = await comesTrue(async () => {
          const burst = await Promise.all([...Array(30).keys()].map((index) => ask(gateway, index)));
          return burst.every(({ status }) => status === 200);
        });
        return isUsed ? [] : ['a model that is back is not used for more than some trials'];
      },
      100,
    ),
  ),
  breaker_wrong_error: alone(async (backing, planted) => {
    // A breaker that opened stays so until the end.
    const gateway = await startTestGateway(backing, planted, { BREAKER_OPEN_MS: '60000' });
    const wrong = { operation_type: 'custom', parameters: { steps: [{ worker: 'performance', action: 'no such thing' }] } };
    for (let index = 0; index < 6; index++) await endOf(gateway, await start(gateway, wrong));
    const status = await endOf(gateway, await start(gateway, summarise([1, 2, 3, 4, 5])));
    await gateway.stop();
    return status === 'completed' ? [] : [`after six wrong requests a right one is ${String(status)}`];
  }),
  timeout_ignored: alone((backing, planted) =>
    withFakeMeter(backing, planted, async (gateway, meter) => {
      meter.hold();
      const state = { answered: false };
      const answer = ask(gateway, 1, { timeout_ms: 300 }).then(() => (state.answered = true));
      const inTime = await comesTrue(async () => state.answered);
      meter.release();
      await answer;
      return inTime ? [] : ['an execution with 300 ms waits for a model for as long as that is silent'];
    }),
  ),
  hang_without_timeout: alone(async (backing, planted) => {
    const worker = await startFakeWorker();
    const gateway = await startTestGateway(backing, planted, { WORKER_URLS: `performance=${worker.url}` });
    worker.hold();
    await query(backing.postgres.adminUrl, 'insert into workspaces (id) values ($1) on conflict do nothing', [DEFAULT_WORKSPACE]);
    // Less time than the endpoint lets a caller ask for: the probe does not wait for ten seconds.
    await query(
      backing.postgres.adminUrl,
      `insert into operations (id, workspace_id, type, status, priority, parameters, metadata, deadline_at, lease_until)
       values ('op-silent', $1, 'performance_check', 'idle', 5, '{}', '{}', now() + interval '1 second', now())`,
      [DEFAULT_WORKSPACE],
    );
    const status = await endOf(gateway, 'op-silent');
    worker.release();
    await gateway.stop();
    await worker.stop();
    return status === 'failed' ? [] : [`an operation of one second at a silent worker is ${String(status)} long after that`];
  }),
  retry_storm: alone((backing, planted) =>
    withFakeMeter(backing, planted, async (gateway, meter) => {
      meter.answerWith(500);
      await ask(gateway, 1);
      return meter.calls() <= 3 ? [] : [`one execution made ${meter.calls()} calls to a model that fails`];
    }),
  ),
});
