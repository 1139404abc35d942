import fc, { type Arbitrary } from 'fast-check';
import { netcatOf } from './call.ts';
import type { Campaign } from './campaign.ts';
import type { Json, Schema } from './document.ts';
import { encodeFrame, handshake, OPCODE, textFrame } from './frames.ts';
import { junkJson, junkText, spoiled } from './junk.ts';
import { framesIn } from './socket-cases.ts';
import { valuesOf } from './values.ts';
import { openWire, statusIn } from './wire.ts';

/** One message; the reply to it is known by its place in the case. */
export interface RpcCall {
  readonly method: unknown;
  readonly params: unknown;
  readonly version: unknown;
}

const METHODS = [
  'initialize',
  'ping',
  'tools/list',
  'tools/call',
  'resources/list',
  'resources/get',
  'resources/read',
  'memory/store',
  'memory/search',
  'task/create',
  'task/list',
  'workflow/execute',
  'execute_pattern',
  'agent/info',
  'events/subscribe',
];
export const INTERNAL_ERROR = -32603;

/** A tool, as the service lists it. */
export interface Tool {
  readonly name: string;
  readonly inputSchema: Schema;
}

/** Calls over one connection: every one that has an id is answered once, whatever it asks. */
export function rpcCampaign(url: string, tools: readonly Tool[]): Campaign<readonly RpcCall[]> {
  const target = '/ws/mcp?agent_id=fuzz';
  return {
    name: 'calls to the gateway',
    cases: fc.array(rpcCalls(tools), { minLength: 1, maxLength: 5 }),
    attempt: async (calls) => {
      const wire = await openWire(url);
      try {
        wire.socket.write(handshake(target));
        await wire.until((received) => received.includes('\r\n\r\n'));
        const status = statusIn(wire.received());
        if (status !== 101) throw new Error(`the handshake was answered with ${status}`);
        wire.socket.write(bytesOf(calls));
        const all = await wire.until((received) => repliesIn(received).length >= calls.length);
        const replies = repliesIn(wire.received());
        if (!all) throw new Error(`the connection ended after ${replies.length} of ${calls.length} replies`);
        const ids = replies.map(({ id }) => String(id)).toSorted();
        if (ids.join() !== calls.map((_, index) => `call-${index}`).join()) throw new Error(`the replies have the ids ${ids.join()}`);
        const internal = replies.find(({ error }) => (error as Json | undefined)?.['code'] === INTERNAL_ERROR);
        if (internal !== undefined) throw new Error(`it failed by itself: ${JSON.stringify(internal)}`);
      } finally {
        wire.socket.destroy();
      }
    },
    reproducer: (calls) => netcatOf(url, Buffer.concat([handshake(target), bytesOf(calls)])),
  };
}

function bytesOf(calls: readonly RpcCall[]): Buffer {
  return Buffer.concat(
    calls.map(({ version, method, params }, index) =>
      encodeFrame(textFrame(JSON.stringify({ jsonrpc: version, id: `call-${index}`, method, params }))),
    ),
  );
}

function repliesIn(received: Buffer): readonly Json[] {
  return framesIn(received)
    .filter(({ opcode }) => opcode === OPCODE.text)
    .map(({ payload }) => JSON.parse(payload.toString('utf8')) as Json)
    .filter((message) => 'id' in message && ('result' in message || 'error' in message));
}

export function rpcCalls(tools: readonly Tool[]): Arbitrary<RpcCall> {
  const input = fc.constantFrom(...tools).chain(({ name, inputSchema }) => {
    const valid = valuesOf(inputSchema, { resolve: (schema) => schema });
    const given = fc.oneof(valid, spoiled(valid));
    return fc.oneof(
      given.map((parameters) => ({ method: 'tools/call', params: { name, arguments: parameters } })),
      fc.tuple(fc.constantFrom(...METHODS), given).map(([method, params]) => ({ method, params })),
    );
  });
  const junk = fc.record({ method: fc.oneof(fc.constantFrom<unknown>(...METHODS), junkText(), junkJson()), params: junkJson() });
  const version = fc.oneof(
    { weight: 20, arbitrary: fc.constant('2.0') },
    { weight: 1, arbitrary: fc.constantFrom<unknown>('1.0', 2, null) },
  );
  return fc
    .tuple(fc.oneof({ weight: 4, arbitrary: input }, { weight: 1, arbitrary: junk }), version)
    .map(([message, spoken]) => ({ ...message, version: spoken }));
}
