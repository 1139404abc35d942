import { expect, it } from 'vitest';
import { DEFAULT_WORKSPACE } from '../workspace.ts';
import { decodeEntry, recordOf, workspaceOfFields } from './decode.ts';

const FIELDS = ['message_id', '0b4e2c1a-0000-4000-8000-000000000001', 'from_agent', 'a', 'type', 't', 'payload', '{"v":1}'];
const WORKSPACE = '0b4e2c1a-0000-4000-8000-00000000000a';

it('reads an entry that says only what it must', () => {
  expect(decodeEntry(['1-0', FIELDS])).toEqual({
    streamId: '1-0',
    messageId: FIELDS[1],
    workspaceId: DEFAULT_WORKSPACE,
    fromAgent: 'a',
    type: 't',
    payload: '{"v":1}',
    priority: 5,
    correlationId: null,
    sentAt: null,
    expiresAtMs: null,
  });
});

it('reads everything that an entry may say', () => {
  const timestamp = '2026-01-01T00:00:00.000Z';
  const more = ['workspace_id', WORKSPACE, 'priority', '9', 'correlation_id', 'c', 'timestamp', timestamp, 'ttl_s', '2'];
  expect(decodeEntry(['1-0', [...FIELDS, ...more]])).toMatchObject({
    workspaceId: WORKSPACE,
    priority: 9,
    correlationId: 'c',
    sentAt: timestamp,
    expiresAtMs: Date.parse(timestamp) + 2000,
  });
});

it.each([
  ['deleted entry', null],
  ['missing field', FIELDS.slice(2)],
  ['payload that is not JSON', [...FIELDS.slice(0, 7), '{']],
  ['payload that cannot be stored', [...FIELDS.slice(0, 7), '"\\u0000"']],
  ['priority that is none', [...FIELDS, 'priority', 'high']],
])('knows a %s as one that can never be processed', (_, fields) => {
  expect(decodeEntry(['1-0', fields])).toBe(null);
});

it('knows whose an entry is that is no message', () => {
  expect(workspaceOfFields(['workspace_id', WORKSPACE])).toBe(WORKSPACE);
  expect(workspaceOfFields(['workspace_id', 'nonsense'])).toBe(DEFAULT_WORKSPACE);
});

it('reads flat fields as a record', () => expect(recordOf(['a', 1, 'b', 2, 'odd'])).toEqual({ a: 1, b: 2 }));
