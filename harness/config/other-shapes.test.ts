import { afterEach, beforeEach, expect, it } from 'vitest';
import { type ConfigFolder, createConfigFolder, MINIMAL } from './testing/config-folder.ts';

let folder: ConfigFolder;

beforeEach(async () => {
  folder = await createConfigFolder();
});

afterEach(async () => {
  await folder[Symbol.asyncDispose]();
});

it.each([
  [
    'a pattern that names nothing',
    '["*.*"]',
    '"*.*" names nothing that could be told apart (allowed: tool, public.events_*, public.tasks.note)',
  ],
  ['a pattern with too many parts', '[a.b.c.d]', '"a.b.c.d" names nothing'],
  ['no pattern', '[]', 'stores.schema.ignore'],
])('refuses in stores.schema.ignore %s', async (_, ignore, expected) => {
  const target = `${MINIMAL}stores: { schema: { ignore: ${ignore} } }\n`;
  expect(await folder.mistakes({ 't.yaml': target }, { targetFile: 't.yaml' })).toContain(expected);
});

it.each([
  ['context', '{ write: { http: PUT /x, version: v }, read: { http: GET /x, version: v, value: w, staleness: 2 } }'],
  [
    'transitions',
    '{ create: { http: POST /x, id: id }, read: { http: GET /x, state: s, staleness: soon }, move: PUT /x, table: { a: [] } }',
  ],
])('wants the staleness of %s with its unit', async (name, binding) => {
  const target = `${MINIMAL}bindings: { ${name}: ${binding} }\n`;
  expect(await folder.mistakes({ 't.yaml': target }, { targetFile: 't.yaml' })).toMatch(
    new RegExp(`bindings\\.${name}\\.read\\.staleness: `),
  );
});

it.each([
  ['delete from tasks', true],
  ['truncate tasks', true],
  ['delete from tasks where workspace_id = $1', false],
  ['analyze tasks', false],
])('of what removes rows of a list wants the workspace: %s', async (sql, isRefused) => {
  const list = `{ add: POST /x, read: GET /x, items: items, erase: ['${sql}'] }`;
  const target = `${MINIMAL}bindings: { lists: { tasks: ${list} } }\n`;
  const mistakes = isRefused
    ? await folder.mistakes({ 't.yaml': target }, { targetFile: 't.yaml' })
    : await folder.load({ 't.yaml': target }, { targetFile: 't.yaml' }).then(() => '');
  expect(mistakes.includes('it does not name $1')).toBe(isRefused);
});
