import { it } from 'vitest';
import { startPostgres, query } from '../testing/stores.ts';
import { createPool } from './database/pool.ts';
import { createMigrator } from './database/migrator.ts';
import { MIGRATIONS } from './database/migrations/index.ts';

it('explains', async () => {
  const pg = await startPostgres();
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const pool = createPool({ url: pg.url, max: 2, log });
  await createMigrator(pool, MIGRATIONS, log).migrate();
  const q = (sql: string, v: unknown[] = []) => query(pg.adminUrl, sql, v);
  await q(`insert into workspaces (id) select ('00000000-0000-4000-8000-' || lpad(i::text, 12, '0'))::uuid from generate_series(1, 10) i`);
  const w = `('00000000-0000-4000-8000-' || lpad((1 + i % 10)::text, 12, '0'))::uuid`;
  await q(`insert into tasks (id, workspace_id, title, status, priority, max_retries, required_capabilities)
    select gen_random_uuid(), case when i < 100 then '00000000-0000-4000-8000-000000000001'::uuid else '00000000-0000-4000-8000-000000000002'::uuid end, 't', case when i % 2 = 0 then 'pending' else 'completed' end, case when i < 100 then 1 else 5 end, 3, '{answer}' from generate_series(1, 100000) i`);
  await q(`insert into operations (id, workspace_id, type, status, priority, parameters, metadata, deadline_at, lease_until)
    select 'op' || i, ${w}, 'custom', case when i % 200 = 0 then 'idle' else 'completed' end, 5, '{}', '{}', now(), now() from generate_series(1, 100000) i`);
  await q(`insert into outbox (workspace_id, seq, topic, data, published_at, committed_at) select ${w}, i, case when i % 3 = 0 then 'delegation_event' else 'task_event' end,
    jsonb_build_object('delegation_id', gen_random_uuid(), 'x', repeat('y', 300)), case when i > 99800 then null else now() - interval '1 hour' end, now() from generate_series(1, 200000) i`);
  await q(`insert into workflows (id, workspace_id, name, strategy, status, request) select gen_random_uuid(), ${w}, 'x', 'sequential', case when i <= 500 then 'running' else 'completed' end, '{}' from generate_series(1, 20000) i`);
  await q(`insert into workflow_tasks (workflow_id, position, id, name, capability, depends_on, work_ms, status, lease_until)
    select w.id, p, 't' || p, 'x', 'answer', '{}', 10, case when w.status = 'completed' then 'completed' when p = 1 then 'running' else 'pending' end, now() + interval '1 hour' from workflows w, generate_series(1, 50) p where w.status = 'running' or p <= 5`);
  await q(`insert into agent_instances (id, workspace_id, project_id, definition_id, name, message_count) select gen_random_uuid(), '00000000-0000-4000-8000-000000000001'::uuid, '00000000-0000-4000-8000-000000000001'::uuid, (select id from agent_definitions limit 1), 'a', 10000 from generate_series(1, 10) where exists (select from projects)`).catch(() => undefined);
  await q('analyze');
  const ex = async (name: string, sql: string, v: unknown[] = []) => {
    const { rows } = await q(`explain (analyze, buffers off) ${sql}`, v);
    console.log(`\n## ${name}\n` + rows.map((r) => r['QUERY PLAN']).join('\n').slice(0, 1800));
  };
  await ex('task claim small workspace', `select id from tasks where workspace_id = $1 and status = 'pending' and required_capabilities <@ $2 order by priority desc, position limit 1 for update skip locked`, ['00000000-0000-4000-8000-000000000001', ['answer']]);
  await ex('task claim incapable', `select id from tasks where workspace_id = $1 and status = 'pending' and required_capabilities <@ $2 order by priority desc, position limit 1 for update skip locked`, ['00000000-0000-4000-8000-000000000001', ['zzz']]);
  await ex('ops claim', `select id from operations where status in ('idle', 'planning', 'executing', 'validating') and lease_until <= now() order by priority desc, created_at limit 1 for update skip locked`);
  await ex('ops counts', `select count(*) filter (where status in ('idle')) from operations where status in ('idle', 'planning', 'executing', 'validating', 'escalating')`);
  await ex('outbox unpublished', `select id from outbox where published_at is null order by workspace_id, seq limit 200`);
  await ex('prune', `select id from outbox where published_at < now() - interval '1 day' order by id limit 1000`);
  await ex('prune by published_at', `select id from outbox where published_at < now() - interval '1 day' order by published_at limit 1000`);
  await ex('delegation history', `select seq from outbox where workspace_id = $1 and seq > $2 and seq <= $3 and ($4::uuid[] is null or agent_id = any($4)) and ($5::uuid is null or task_id = $5)
    and ($6::text is null or (topic = 'delegation_event' and data->>'delegation_id' = $6)) order by seq limit 50`, ['00000000-0000-4000-8000-000000000002', 0, 1e9, null, null, '00000000-0000-4000-8000-000000000002']);
  await q(`create index outbox_by_delegation on outbox ((data ->> 'delegation_id'), seq) where topic = 'delegation_event'`);
  await q('analyze outbox');
  await ex('delegation history w index', `select seq from outbox where workspace_id = $1 and seq > $2 and seq <= $3 and ($4::uuid[] is null or agent_id = any($4)) and ($5::uuid is null or task_id = $5)
    and ($6::text is null or (topic = 'delegation_event' and data->>'delegation_id' = $6)) order by seq limit 50`, ['00000000-0000-4000-8000-000000000002', 0, 1e9, null, null, '00000000-0000-4000-8000-000000000002']);
  await ex('task list in status', `select id from tasks where workspace_id = $1 and status = 'failed' order by position desc limit 51`, ['00000000-0000-4000-8000-000000000002']);
  await ex('workflow claim: 500 sequential whose heads run', `select t.workflow_id, t.id from workflow_tasks t join workflows w on w.id = t.workflow_id
    where w.status = 'running' and (t.status = 'pending' or (t.status = 'running' and t.lease_until <= now()))
      and not exists (select from workflow_tasks d where d.workflow_id = t.workflow_id and d.id = any(t.depends_on) and d.status <> 'completed')
      and (w.strategy <> 'sequential' or not exists (
        select from workflow_tasks e where e.workflow_id = t.workflow_id and e.position < t.position and e.status <> 'completed'))
    order by w.position, t.position limit 1 for update of t skip locked`);
  await ex('startNext', `select id from workflows where status = 'ready' order by position limit 1 for update skip locked`);
  // a migration on large tables
  await q(`insert into outbox (workspace_id, seq, topic, data, published_at) select ${w}, i + 1000000, 'task_event', jsonb_build_object('x', repeat('y', 300)), now() from generate_series(1, 1500000) i`);
  const started = performance.now();
  const slow = { version: '013_x', up: `create index slow on outbox (md5(data::text), workspace_id, seq)`, down: '' };
  await createMigrator(pool, [...MIGRATIONS, slow], log).migrate().then(() => console.log('MIGRATED', performance.now() - started), (e: unknown) => console.log('MIGRATION FAILED', String(e), performance.now() - started));
  await pool.end();
  await pg.dispose();
}, 200_000);
