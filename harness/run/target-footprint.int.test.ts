import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { Client } from 'pg';
import { afterAll, expect, it, onTestFinished } from 'vitest';
import { markedName } from '../environment/marked/names.ts';
import { scratchStore } from '../environment/testing/scratch-stores.ts';
import type { Environment } from '../model/environment.ts';
import { markOf } from '../model/mark.ts';
import type { WorkspaceBinding } from '../model/bindings/workspace.ts';
import { Journal } from './journal.ts';
import { TargetFootprint } from './target-footprint.ts';
import { planFixture } from './testing.ts';

const store = await scratchStore('postgres');
afterAll(() => store[Symbol.asyncDispose]());

async function query<T>(sql: string, values: readonly unknown[] = []): Promise<readonly T[]> {
  const client = new Client({ connectionString: store.url });
  await client.connect();
  try {
    return (await client.query(sql, [...values])).rows as readonly T[];
  } finally {
    await client.end();
  }
}

const marked = (): Promise<readonly unknown[]> => query("select datname as name from pg_database where datname ~ '^muster_scratch'");

/** A server that keeps workspaces, and answers in its own way when one of them is to go. */
async function shop(answer: (id: string) => number): Promise<{ readonly url: string; readonly asked: readonly string[] }> {
  const asked: string[] = [];
  const server: Server = createServer((request, response) => {
    const id = (request.url ?? '').split('/').at(-1) ?? '';
    asked.push(`${request.method ?? ''} ${id}`);
    response.writeHead(answer(id), { 'content-type': 'application/json' }).end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const administered = store.environment.services.get('postgres');

async function footprintOf(
  workspace: WorkspaceBinding | undefined,
  url = 'http://127.0.0.1:1',
  service: unknown = administered,
): Promise<TargetFootprint> {
  const plan = planFixture([]);
  const http = { name: 'shop', kind: 'http', url, adminUrl: url };
  const services = new Map<string, unknown>([
    ['postgres', service],
    ['shop', http],
  ]);
  const environment = { services } as unknown as Environment;
  const footprint = new TargetFootprint({
    plan: { ...plan, target: { ...plan.target, bindings: workspace === undefined ? {} : { workspace } } },
    journal: new Journal(0, () => {}),
  });
  await footprint.begin(environment);
  return footprint;
}

const REMOVE = { method: 'DELETE', path: '/spaces/${workspace}', service: 'shop', body: null, headers: {} };

it('asks the target to remove each workspace; one that it does not know is as good as removed', async () => {
  const { url, asked } = await shop((id) => (id === 'two' ? 404 : 204));
  const footprint = await footprintOf({ remove: REMOVE }, url);
  footprint.book.add({ workspaces: ['one', 'two', 'three'] });
  await footprint.end();
  expect(asked.toSorted()).toEqual(['DELETE one', 'DELETE three', 'DELETE two']);
  expect(footprint.record()).toMatchObject({ things: [{ what: 'workspaces', made: 3, removed: 3 }], notes: [] });
});

it('tells what the target refused, and asks no more of one that refuses', async () => {
  const { url, asked } = await shop(() => 403);
  const footprint = await footprintOf({ remove: REMOVE }, url);
  footprint.book.add({ workspaces: Array.from({ length: 200 }, (_, n) => `w${String(n)}`) });
  await footprint.end();
  expect(asked.length).toBeLessThan(20);
  expect(footprint.record()?.things).toEqual([{ what: 'workspaces', made: 200, removed: 0, inWorkspace: false }]);
  expect(footprint.record()?.notes).toEqual([expect.stringContaining('200 workspaces were not removed: DELETE /spaces/${workspace}')]);
});

it('erases by SQL all of them or none', async () => {
  await query('create table notes (space text, text text)');
  await query("insert into notes values ('one', 'a'), ('two', 'b'), ('theirs', 'c')");
  const erase = 'delete from notes where space = any($1::text[])';
  const failing = await footprintOf({ erase: [erase, 'delete from nowhere where space = any($1::text[])'] });
  failing.book.add({ workspaces: ['one', 'two'] });
  await failing.end();
  expect(failing.record()?.notes[0]).toContain('`workspace.erase` failed, and removed nothing: relation "nowhere" does not exist');
  expect(await query('select * from notes')).toHaveLength(3);

  const footprint = await footprintOf({ erase: [erase] });
  footprint.book.add({ workspaces: ['one', 'two'] });
  await footprint.end();
  expect(await query('select space from notes')).toEqual([{ space: 'theirs' }]);
  expect(footprint.record()?.things).toEqual([{ what: 'workspaces', made: 2, removed: 2, inWorkspace: false }]);
});

it('removes what a check that was cut off left, and what a dead run left before it', async () => {
  await query(`create database ${markedName('scratch', markOf('a run that died'))}`);
  const footprint = await footprintOf(undefined);
  expect(await marked()).toEqual([]);

  await query(`create database ${markedName('scratch', footprint.book.mark)}`);
  footprint.book.add({ workspaces: ['one'], things: [{ what: 'databases', made: 1, removed: 0, inWorkspace: false }] });
  await footprint.end();
  expect(await marked()).toEqual([]);
  expect(footprint.record()).toMatchObject({
    things: [
      { what: 'workspaces', made: 1, removed: 0 },
      { what: 'databases', made: 1, removed: 1 },
    ],
    notes: ['The target binds neither `workspace.remove` nor `workspace.erase`: what was made in the workspaces stays.'],
  });
});

it('looks as the role of the service where there is no other way in, and says when it cannot', async () => {
  const name = markedName('isolation', markOf('a run that died'));
  await query(`create schema ${name}`);
  await footprintOf(undefined, undefined, { name: 'postgres', kind: 'postgres', url: store.url, adminUrl: null });
  expect(await query('select from pg_namespace where nspname = $1', [name])).toEqual([]);

  const closed = await footprintOf(undefined, undefined, {
    name: 'postgres',
    kind: 'postgres',
    url: 'postgres://a@127.0.0.1:1/b',
    adminUrl: null,
  });
  await closed.end();
  expect(closed.record()?.notes).toEqual([expect.stringContaining('of this run is left could not be seen: ')]);
});
