import { expect, it } from 'vitest';
import { send, type Json } from '../../testing/client.ts';
import { runGateway } from '../../testing/program.ts';
import { backingForFile } from '../../testing/file-stack.ts';
import { until } from '../../testing/stack.ts';
import { query } from '../../testing/stores.ts';

const backing = await backingForFile();

const tasks = Array.from({ length: 4 }, (_, index) => ({
  id: `t${index}`,
  name: `task ${index}`,
  capability: 'answer',
  depends_on: index === 0 ? [] : [`t${index - 1}`],
  work_ms: 300,
}));

it('what a killed process was working on is finished by the next one, each task once', async () => {
  const first = await runGateway(backing);
  const { body } = await send(first, 'POST /api/v1/workflows', { body: { name: 'survivor', strategy: 'pipeline', tasks } });
  const path = `GET /api/v1/workflows/${String(body['id'])}`;
  const tasksNow = async (gateway: { readonly url: string }) => (await send(gateway, path)).body['tasks'] as readonly Json[];
  await until(async () => (await tasksNow(first))[1]?.['status'] === 'running');
  first.child.kill('SIGKILL');
  await first.exited;
  const second = await runGateway(backing);
  // The claim of the dead one runs out 5 s after its work should have been done.
  await until(async () => (await tasksNow(second))[1]?.['attempts'] === 2);
  await until(async () => (await send(second, path)).body['status'] === 'completed');
  expect((await tasksNow(second)).map(({ attempts }) => attempts)).toEqual([1, 2, 1, 1]);
  const { rows } = await query(
    backing.postgres.adminUrl,
    `select data->'task'->>'id' as task from outbox where task_id = $1 and data->>'type' = 'progress' order by seq`,
    [body['id']],
  );
  expect(rows.map(({ task }) => task)).toEqual(['t0', 't1', 't2', 't3']);
  second.child.kill('SIGTERM');
  expect(await second.exited).toEqual([0, null]);
});

it('a process that starts on an empty database logs no failure of its background work', async () => {
  await query(backing.postgres.adminUrl, 'drop schema public cascade');
  await query(backing.postgres.adminUrl, 'create schema public authorization service');
  const gateway = await runGateway(backing);
  expect(gateway.output.text).not.toContain('does not exist');
  gateway.child.kill('SIGTERM');
  await gateway.exited;
});
