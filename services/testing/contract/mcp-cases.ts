import fc, { type Arbitrary } from 'fast-check';
import { call, curlOf, type ApiRequest } from './call.ts';
import type { Campaign } from './campaign.ts';
import { at } from './document.ts';
import { junkBody, junkText } from './junk.ts';
import { INTERNAL_ERROR, rpcCalls, type Tool } from './rpc-cases.ts';

/** The SDK gives this code to parameters that do not fit, with the list of what is wrong as its message. */
const ISSUES_OF_SDK = '[';
const VISIBLE = /^[\x21-\x7e]{0,200}$/;
const VERSIONS = ['2025-11-25', '2025-06-18', '2026-07-28', '1999-01-01'];
const ACCEPTED = ['application/json, text/event-stream', 'application/json', 'text/html', '*/*'];
const TYPES = ['application/json', 'application/json; charset=utf-8', 'text/plain'];

const NOTIFICATIONS = [
  { method: 'notifications/initialized' },
  { method: 'notifications/cancelled', params: { requestId: 1 } },
  { method: 'notifications/cancelled', params: { requestId: 'one', reason: 'no reason' } },
  { id: 1, result: {} },
];

/** Calls over HTTP, in a session, outside of one, and in one that never was. Streams are not asked for: they do not end. */
export function mcpCampaign(url: string, tools: readonly Tool[], session: Readonly<Record<string, string>>): Campaign<ApiRequest> {
  return {
    name: 'calls over HTTP',
    cases: requests(tools, session),
    attempt: async (request) => {
      const { status, body } = await call(url, request);
      const text = JSON.stringify(body);
      const { code, message } = at(body, 'error');
      const failed = code === INTERNAL_ERROR && !String(message).startsWith(ISSUES_OF_SDK);
      if (status >= 500 || failed) throw new Error(`it answered ${status}: ${text.slice(0, 300)}`);
    },
    reproducer: (request) => curlOf(url, request),
  };
}

function requests(tools: readonly Tool[], session: Readonly<Record<string, string>>): Arbitrary<ApiRequest> {
  const body = fc.oneof(
    {
      weight: 5,
      arbitrary: fc
        .tuple(fc.oneof(fc.nat(), fc.constantFrom<unknown>(1, 'one', null)), rpcCalls(tools))
        .map(([id, { version, ...message }]) => JSON.stringify({ jsonrpc: version, id, ...message })),
    },
    { weight: 1, arbitrary: fc.constantFrom(...NOTIFICATIONS).map((message) => JSON.stringify({ jsonrpc: '2.0', ...message })) },
    { weight: 1, arbitrary: junkBody() },
  );
  const odd = junkText().filter((text) => VISIBLE.test(text));
  const given = fc.oneof(
    { weight: 3, arbitrary: fc.constant(session) },
    {
      weight: 1,
      arbitrary: fc.record(
        { 'mcp-session-id': odd, 'mcp-protocol-version': fc.oneof(fc.constantFrom(...VERSIONS), odd), 'x-agent-id': odd },
        { requiredKeys: [] },
      ),
    },
  );
  const usual = fc.record({
    accept: fc.constantFrom(...ACCEPTED.slice(0, 1), ...ACCEPTED),
    'content-type': fc.constantFrom(...TYPES.slice(0, 1), ...TYPES),
  });
  return fc
    .tuple(body, given, usual)
    .map(([text, own, headers]) => ({ method: 'POST', target: '/mcp', headers: { ...headers, ...own }, body: text }));
}
