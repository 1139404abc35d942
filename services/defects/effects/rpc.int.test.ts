import { randomUUID } from 'node:crypto';
import { initializeMcp, postMcp } from '../../testing/mcp.ts';
import { openSocket, type Json, type TestSocket } from '../../testing/client.ts';
import { describeEffects, type Probe } from '../../testing/effects.ts';
import { until, type Gateway } from '../../testing/stack.ts';
import { RPC_DEFECTS } from '../tables/rpc.ts';

const open = (gateway: Gateway, name: string): Promise<TestSocket> => openSocket(gateway, `/ws/mcp?agent_id=${name}`);

const ask = (id: unknown, query: string): Json => ({
  jsonrpc: '2.0',
  id,
  method: 'execute_pattern',
  params: { query, use_cache: false },
});

const answered = (frames: readonly Json[]): readonly Json[] => frames.filter((frame) => 'id' in frame);

/** Several connections ask at once, with the same ids; each must get its own canary back, and nothing else. */
const crosstalk: Probe = async (gateway) => {
  const names = ['a', 'b', 'c'];
  const sockets = await Promise.all(names.map(async (name) => ({ name, ...(await open(gateway, name)) })));
  for (const { name, send } of sockets) send(ask(7, `canary ${name}`));
  const all = (): readonly { readonly name: string; readonly frame: Json }[] =>
    sockets.flatMap(({ name, frames }) => answered(frames).map((frame) => ({ name, frame })));
  await until(async () => all().length === names.length);
  for (const { socket } of sockets) socket.close();
  return all()
    .filter(({ name, frame }) => !JSON.stringify(frame).includes(`"canary ${name}"`))
    .map(({ name }) => `${name} got another's answer`);
};

describeEffects(RPC_DEFECTS, {
  ws_reply_misrouted: crosstalk,
  ws_crosstalk: async (gateway, backing, planted) => {
    // Also with ids that no other connection uses: there is no table of ids here.
    const [asking, other] = await Promise.all([open(gateway, 'asking'), open(gateway, 'other')]);
    asking.send(ask(randomUUID(), 'canary asking'));
    other.send({ jsonrpc: '2.0', id: randomUUID(), method: 'ping' });
    await until(async () => answered([...asking.frames, ...other.frames]).length === 2);
    for (const { socket } of [asking, other]) socket.close();
    const leaked = answered(other.frames).some((frame) => JSON.stringify(frame).includes('canary asking'));
    return [...(leaked ? ['the answer went to another connection'] : []), ...(await crosstalk(gateway, backing, planted))];
  },
  ws_no_welcome: async (gateway) => {
    const { frames, send, socket } = await open(gateway, 'a');
    send({ jsonrpc: '2.0', id: 1, method: 'ping' });
    await until(async () => answered(frames).length === 1);
    socket.close();
    return frames[0]?.['method'] === 'welcome' ? [] : [`the first frame is ${JSON.stringify(frames[0])}`];
  },
  ws_id_swapped: async (gateway) => {
    const { frames, send, socket } = await open(gateway, 'a');
    // The first takes a while, the others overtake it.
    send(ask('slow', 'canary slow'));
    send({ jsonrpc: '2.0', id: 0, method: 'ping' });
    send({ jsonrpc: '2.0', id: -7, method: 'agent/info' });
    await until(async () => answered(frames).length === 3);
    socket.close();
    const of = (id: unknown): string => JSON.stringify(frames.find((frame) => frame['id'] === id)?.['result'] ?? null);
    return [
      ...(of('slow').includes('canary slow') ? [] : [`the slow request was answered with ${of('slow').slice(0, 100)}`]),
      ...(of(0) === '{}' ? [] : [`ping was answered with ${of(0).slice(0, 100)}`]),
      ...(of(-7).includes('in_flight') ? [] : [`agent/info was answered with ${of(-7).slice(0, 100)}`]),
    ];
  },
  mcp_session_shared: async (gateway) => {
    const workspaces = [randomUUID(), randomUUID()];
    const findings: string[] = [];
    for (const workspace of workspaces) {
      const session = await initializeMcp(gateway, { 'x-workspace-id': workspace });
      const read = { jsonrpc: '2.0', id: 1, method: 'resources/read', params: { uri: 'muster://session' } };
      const { text } = await postMcp(gateway, read, session);
      if (!text.includes(workspace)) findings.push(`a session of ${workspace} works in another workspace: ${text.slice(0, 200)}`);
    }
    return findings;
  },
  mcp_error_as_success: async (gateway) => {
    const { frames, send, socket } = await open(gateway, 'a');
    const params = { name: 'execute_pattern', arguments: { query: '???' } };
    send({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
    await until(async () => answered(frames).length === 1);
    socket.close();
    const result = answered(frames)[0]?.['result'] as Json | undefined;
    return result?.['isError'] === true ? [] : [`a query that no pattern takes was answered ${JSON.stringify(result)}`];
  },
});
