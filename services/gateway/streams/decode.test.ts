import { expect, it } from 'vitest';
import { decodeEntry } from './decode.ts';

const FIELDS = ['message_id', '0b4e2c1a-0000-4000-8000-000000000001', 'from_agent', 'a', 'type', 't', 'payload', '{"v":1}'];

it('reads an entry', () => {
  expect(decodeEntry(['1-0', FIELDS])).toEqual({ streamId: '1-0', messageId: FIELDS[1], fromAgent: 'a', type: 't', payload: '{"v":1}' });
});

it.each([
  ['deleted entry', null],
  ['missing field', FIELDS.slice(2)],
  ['payload that is not JSON', [...FIELDS.slice(0, 7), '{']],
  ['payload that cannot be stored', [...FIELDS.slice(0, 7), '"\\u0000"']],
])('knows a %s as one that can never be processed', (_, fields) => {
  expect(decodeEntry(['1-0', fields])).toBe(null);
});
