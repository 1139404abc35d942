import { Server } from '@modelcontextprotocol/server';
import { expect, it } from 'vitest';
import { ANYBODY } from '../../shared/actor.ts';
import { initialization, LEGACY } from '../../testing/mcp.ts';
import { DEFAULT_WORKSPACE } from '../workspace.ts';
import { HttpSessions } from './http-sessions.ts';

const CALLER = { sessionId: null, agent: null, workspaceId: DEFAULT_WORKSPACE, actor: ANYBODY };
const CALL = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'slow', arguments: {} } };

const request = (method: string, headers: Readonly<Record<string, string>> = {}): Request =>
  new Request('http://gateway/mcp', {
    method,
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
  });

it('answers a call that is under way when its session is ended', async () => {
  let called = (): void => undefined;
  const isCalled = new Promise<void>((resolve) => {
    called = resolve;
  });
  const sessions = new HttpSessions(
    () => {
      const server = new Server({ name: 'test', version: '1' }, { capabilities: { tools: {} } });
      server.setRequestHandler('tools/call', () => {
        called();
        return new Promise(() => undefined);
      });
      return server;
    },
    { sessions: 1, idleMs: 60_000 },
  );
  const opened = await sessions.handle(request('POST'), CALLER, initialization());
  const headers = { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '', 'mcp-protocol-version': LEGACY };
  const answer = sessions.handle(request('POST', headers), CALLER, CALL);
  await isCalled;
  expect((await sessions.handle(request('DELETE', headers), CALLER, undefined)).status).toBe(200);
  expect((await answer).status).toBe(404);
  expect((await sessions.handle(request('POST', headers), CALLER, CALL)).status).toBe(404);
  await sessions.close();
});
