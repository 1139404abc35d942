import { describe, expect, it } from 'vitest';
import { ServiceError } from '../../shared/service-error.ts';
import { readFrame } from './json-rpc.ts';
import { toRpcError } from './rpc-errors.ts';

describe('readFrame', () => {
  it.each([
    ['{', null, -32700],
    ['5', null, -32600],
    ['[]', null, -32600],
    ['[{"jsonrpc":"2.0","id":1,"method":"ping"}]', null, -32600],
    ['{"id":1,"method":"ping"}', 1, -32600],
    ['{"jsonrpc":"2.0","id":"a"}', 'a', -32600],
    ['{"jsonrpc":"2.0","id":1,"method":"ping","params":3}', 1, -32600],
    ['{"jsonrpc":"2.0","id":null,"method":"ping"}', null, -32600],
    ['{"jsonrpc":"2.0","id":{},"method":"ping"}', null, -32600],
  ])('refuses %s', (text, id, code) => {
    expect(readFrame(text)).toMatchObject({ kind: 'invalid', id, error: { code } });
  });
  it('keeps the type of the id', () => {
    expect(readFrame('{"jsonrpc":"2.0","id":"1","method":"ping"}')).toMatchObject({ kind: 'request', id: '1' });
    expect(readFrame('{"jsonrpc":"2.0","id":1,"method":"ping"}')).toMatchObject({ kind: 'request', id: 1 });
  });
  it('knows a notification by its missing id, and answers of the peer', () => {
    expect(readFrame('{"jsonrpc":"2.0","method":"x"}').kind).toBe('notification');
    expect(readFrame('{"jsonrpc":"2.0","id":1,"result":{}}').kind).toBe('answer');
  });
});

it('tells the caller nothing about an unknown error', () => {
  expect(toRpcError(new Error('password is x'))).toMatchObject({ code: -32603, message: 'the method failed' });
  expect(toRpcError(new ServiceError('circuit_open', 'not now'))).toMatchObject({ code: -32002 });
});
