import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { send, type Answer } from '../../testing/client.ts';
import { initializeMcp, postMcp } from '../../testing/mcp.ts';
import { exactDistances, seedMemories, textOf } from '../../testing/memories.ts';
import { gatewayForFile } from '../../testing/file-stack.ts';
import { startBacking, startTestGateway } from '../../testing/stack.ts';
import { query } from '../../testing/stores.ts';

const { backing, gateway } = await gatewayForFile();

interface Who {
  readonly workspace: string;
  readonly agent?: string;
  readonly key?: string;
}

function ask(line: string, { workspace, agent, key }: Who, body?: unknown): Promise<Answer> {
  const headers = {
    'x-workspace-id': workspace,
    ...(agent === undefined ? {} : { 'x-agent-id': agent }),
    ...(key === undefined ? {} : { 'idempotency-key': key }),
  };
  return send(gateway, line, { headers, ...(body === undefined ? {} : { body }) });
}

const store = (who: Who, body: unknown): Promise<Answer> => ask('POST /api/v1/memories', who, body);
const search = (who: Who, body: unknown): Promise<Answer> => ask('POST /api/v1/memories/search', who, body);
const contents = ({ body }: Answer): readonly unknown[] =>
  (body['items'] as readonly { readonly content: string }[]).map(({ content }) => content);

describe('a memory', () => {
  it('is kept, found, read and forgotten, and all of it is written down', async () => {
    const who = { workspace: randomUUID() };
    const stored = await store(who, { content: 'the blue whale is large', tags: ['whale'], importance: 0.9, access: 'team' });
    expect(stored).toMatchObject({ status: 201, body: { content: 'the blue whale is large', owner: null, access: 'team' } });
    await store(who, { content: 'a mouse is small', access: 'team' });
    const found = await search(who, { query: 'large whale' });
    expect(contents(found)).toEqual(['the blue whale is large', 'a mouse is small']);
    expect(found.body).toMatchObject({ plan: expect.stringMatching(/^(index|seq)$/) as string, took_ms: expect.any(Number) as number });
    const path = `/api/v1/memories/${String(stored.body['id'])}`;
    expect(await ask(`GET ${path}`, who)).toMatchObject({ status: 200, body: stored.body });
    expect((await ask(`DELETE ${path}`, { workspace: randomUUID() })).status).toBe(404);
    expect((await ask(`DELETE ${path}`, who)).status).toBe(200);
    expect((await ask(`GET ${path}`, who)).status).toBe(404);
    const { rows } = await query(backing.postgres.adminUrl, 'select event_type from audit_logs where subject = $1 order by id', [
      stored.body['id'],
    ]);
    expect(rows.map((row) => row['event_type'])).toEqual(['memory.stored', 'memory.removed']);
  });

  it('is stored once for one key', async () => {
    const who = { workspace: randomUUID(), key: 'once' };
    const answers = await Promise.all(Array.from({ length: 4 }, () => store(who, { content: 'only once', access: 'shared' })));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(3);
    expect(new Set(answers.map(({ body }) => body['id'])).size).toBe(1);
    expect(await store(who, { content: 'something else' })).toMatchObject({
      status: 409,
      body: { error: { code: 'idempotency_conflict' } },
    });
    expect((await store({ ...who, workspace: randomUUID() }, { content: 'something else' })).status).toBe(201);
  });

  it('is seen by its owner alone when it is private, and by the workspace when it is not', async () => {
    const workspace = randomUUID();
    const [alice, bob] = [
      { workspace, agent: 'alice' },
      { workspace, agent: 'bob' },
    ];
    const secret = await store(alice, { content: 'secret recipe' });
    await store(alice, { content: 'team recipe', access: 'team' });
    await store(alice, { content: 'shared recipe', access: 'shared' });
    expect(contents(await search(alice, { query: 'recipe' }))).toHaveLength(3);
    expect(new Set(contents(await search(bob, { query: 'recipe' })))).toEqual(new Set(['shared recipe', 'team recipe']));
    expect(contents(await search({ workspace }, { query: 'recipe' }))).toHaveLength(2);
    expect(contents(await search({ workspace: randomUUID(), agent: 'alice' }, { query: 'recipe' }))).toEqual([]);
    expect((await ask(`GET /api/v1/memories/${String(secret.body['id'])}`, bob)).status).toBe(404);
  });
});

it.each([
  ['nothing to search by', {}],
  ['both ways at once', { query: 'x', embedding: Array.from({ length: 384 }, () => 1) }],
  ['too few dimensions', { embedding: [1, 2, 3] }],
  ['no word', { query: '?!' }],
  ['no direction', { embedding: Array.from({ length: 384 }, () => 0) }],
  ['no rows', { query: 'x', limit: 0 }],
])('refuses a search with %s', async (_, body) => {
  expect((await search({ workspace: randomUUID() }, body)).status).toBe(422);
});

it('takes any embedding that has a direction', async () => {
  const who = { workspace: randomUUID() };
  await store(who, { content: 'something', access: 'team' });
  for (const value of [1e-300, 1e-40, 1e6]) {
    const { status, body } = await search(who, { embedding: Array.from({ length: 384 }, () => value) });
    expect([status, body['items']]).toMatchObject([200, [{ distance: expect.any(Number) as number }]]);
  }
});

it('leaves out what is further away than max_distance', async () => {
  const who = { workspace: randomUUID() };
  await store(who, { content: 'red apple', access: 'team' });
  await store(who, { content: 'loud engine', access: 'team' });
  expect(contents(await search(who, { query: 'red apple', max_distance: 0.5 }))).toEqual(['red apple']);
});

describe('among thousands', () => {
  const sizes = new Map(Array.from([2500, 800, 150, 12], (size) => [randomUUID(), size] as const));
  const queries = Array.from({ length: 15 }, (_, index) => textOf(5_000_000 + index));

  beforeAll(() => seedMemories(backing.postgres.adminUrl, sizes), 60_000);

  it.each([10, 40])(
    'every workspace finds its nearest %i, as many as there are',
    async (limit) => {
      for (const [workspace, size] of sizes) {
        let near = 0;
        for (const text of queries) {
          const exact = await exactDistances(backing.postgres.adminUrl, workspace, text, limit);
          const { body } = await search({ workspace }, { query: text, limit });
          const distances = (body['items'] as readonly { readonly distance: number }[]).map(({ distance }) => distance);
          expect(distances).toHaveLength(Math.min(limit, size));
          expect(distances).toEqual(distances.toSorted((a, b) => a - b));
          near += distances.filter((distance) => distance <= (exact.at(-1) ?? 0) + 1e-6).length / exact.length;
        }
        expect(near / queries.length, `recall of the workspace with ${size}`).toBeGreaterThanOrEqual(0.95);
      }
    },
    60_000,
  );

  it('the plan is what the planner says: the index for a large workspace, every row of a small one', async () => {
    const plans: unknown[] = [];
    for (const workspace of sizes.keys()) plans.push((await search({ workspace }, { query: queries[0], limit: 10 })).body['plan']);
    expect([plans[0], plans.at(-1)]).toEqual(['index', 'seq']);
  });

  it('the database itself keeps workspaces apart', async () => {
    const [own = '', other = ''] = sizes.keys();
    const as = async (setting: string, statement: string): Promise<number> => {
      const sql = `begin; select set_config('app.workspace_id', '${setting}', true); ${statement}; commit`;
      const results = (await query(backing.postgres.url, sql)) as unknown as readonly { readonly rowCount: number }[];
      return results[2]?.rowCount ?? -1;
    };
    expect(await as('', 'select id from memories')).toBe(0);
    expect(await as(own, `select id from memories where workspace_id = '${other}'`)).toBe(0);
    expect(await as(own, 'select id from memories')).toBe(2500);
    expect(await as(own, `delete from memories where workspace_id = '${other}'`)).toBe(0);
    const insert = `insert into memories (id, workspace_id, content, importance, access, embedding)
      select gen_random_uuid(), '${other}', 'x', 0.5, 'team', embedding from memories limit 1`;
    await expect(as(own, insert)).rejects.toMatchObject({ code: '42501' });
  });
});

it('says that it is not supported where there is no vector extension', async () => {
  const bare = await startBacking();
  await query(bare.postgres.adminUrl, 'drop extension if exists vector');
  const without = await startTestGateway(bare);
  const body = { content: 'x' };
  expect(await send(without, 'POST /api/v1/memories', { body })).toMatchObject({ status: 501, body: { error: { code: 'not_supported' } } });
  expect((await send(without, 'POST /api/v1/memories/search', { body: { query: 'x' } })).status).toBe(501);
  const listed = await postMcp(without, { jsonrpc: '2.0', id: 1, method: 'tools/list' }, await initializeMcp(without));
  expect(listed.text).not.toContain('store_memory');
  expect(listed.text).toContain('create_task');
  await without.stop();
  await bare.dispose();
}, 30_000);
