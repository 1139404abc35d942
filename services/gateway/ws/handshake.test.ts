import { describe, expect, it } from 'vitest';
import { keyHeaders, mayComeFrom, secretInQuery } from './handshake.ts';

describe('mayComeFrom', () => {
  it.each([
    [{ host: 'gateway:8000' }, true],
    [{ host: 'gateway:8000', origin: 'http://gateway:8000' }, true],
    [{ host: 'gateway:8000', origin: 'http://localhost:5173' }, true],
    [{ host: 'gateway:8000', origin: 'http://[::1]:5173' }, true],
    [{ host: 'gateway:8000', origin: 'https://dashboard.example' }, true],
    [{ host: 'gateway:8000', origin: 'https://evil.example' }, false],
    [{ host: 'gateway:8000', origin: 'https://localhost.evil.example' }, false],
    [{ host: 'gateway:8000', origin: 'https://dashboard.example.evil.example' }, false],
    [{ host: 'gateway:8000', origin: 'null' }, false],
  ])('%j: %s', (headers, allowed) => {
    expect(mayComeFrom(headers, ['https://dashboard.example'])).toBe(allowed);
  });
});

it('finds a secret in the query', () => {
  expect(secretInQuery(new URLSearchParams('agent_id=a&token=x'))).toBe('token');
  expect(secretInQuery(new URLSearchParams('agent_id=a'))).toBe(null);
});

const NO_QUERY = new URLSearchParams();

describe('keyHeaders', () => {
  it('reads the key of a browser from the subprotocols', () => {
    expect(keyHeaders({ 'sec-websocket-protocol': 'muster-1, bearer.abc' }, NO_QUERY)('authorization')).toBe('Bearer abc');
  });
  it('prefers the header', () => {
    const header = keyHeaders({ authorization: 'Bearer x', 'x-api-key': 'y', 'sec-websocket-protocol': 'bearer.abc' }, NO_QUERY);
    expect([header('authorization'), header('x-api-key'), header('cookie')]).toEqual(['Bearer x', 'y', undefined]);
  });
  it('takes the workspace from the query where there is one', () => {
    const headers = { 'x-workspace-id': 'header' };
    expect(keyHeaders(headers, new URLSearchParams('workspace_id=query'))('x-workspace-id')).toBe('query');
    expect(keyHeaders(headers, NO_QUERY)('x-workspace-id')).toBe('header');
  });
});
