import { once } from 'node:events';
import { Client } from 'pg';
import { append, createAgent, openSocket, send, type TestAgent, type TestSocket } from '../../testing/client.ts';
import { alone, comesTrue, describeEffects } from '../../testing/effects.ts';
import { answers, runGateway } from '../../testing/program.ts';
import { manyEvents } from '../../testing/many-events.ts';
import { rawSocket } from '../../testing/handshake.ts';
import { startTestGateway, until, type Gateway } from '../../testing/stack.ts';
import { SOCKETS_DEFECTS } from '../tables/sockets.ts';

const EVENTS = 50;
/** 60 kB each: more than what the kernel keeps on both sides of a connection that nobody reads. */
const FILLING = 300;
const PORTION = 50;

const total = async (gateway: Gateway): Promise<number> => Number((await send(gateway, 'GET /api/v1/ws/sessions')).body['total']);
const streamPath = ({ workspace, id }: TestAgent): string => `/ws/agents/stream?workspace_id=${workspace}&agent_id=${id}`;
const seqs = ({ frames }: TestSocket): readonly number[] => frames.flatMap(({ seq }) => (seq === undefined ? [] : [Number(seq)]));

/** What a subscriber hears of `EVENTS` appends by one writer, the last of which is only there to be waited for. */
async function heard(gateway: Gateway): Promise<{ readonly got: readonly number[]; readonly first: number }> {
  const agent = await createAgent(gateway);
  const one = await openSocket(gateway, streamPath(agent));
  for (let index = 0; index < EVENTS; index++) await append(gateway, agent, `v${index}`);
  await until(async () => seqs(one).includes(EVENTS + 1));
  // What was sent before the answer to a ping has come before it.
  const answered = once(one.socket, 'pong');
  one.socket.ping();
  await answered;
  one.socket.close();
  return { got: seqs(one), first: 2 };
}

describeEffects(SOCKETS_DEFECTS, {
  ws_leak: async (gateway) => {
    const sockets = await Promise.all(Array.from({ length: 5 }, () => openSocket(gateway, '/ws')));
    if ((await total(gateway)) !== 5) return ['five connections are open, and the books say otherwise'];
    for (const { socket } of sockets) socket.terminate();
    const isEmpty = await comesTrue(async () => (await total(gateway)) === 0);
    return isEmpty ? [] : [`all connections are closed, ${await total(gateway)} are on the books`];
  },
  heartbeat_off: alone(async (backing, planted) => {
    const gateway = await startTestGateway(backing, planted, { WS_HEARTBEAT_MS: '150' });
    const { frames, socket } = await openSocket(gateway, '/ws/agents/stream');
    const beats = await comesTrue(async () => frames.filter(({ type }) => type === 'heartbeat').length >= 2);
    socket.close();
    await gateway.stop();
    return beats ? [] : [`${frames.length} frames in many periods of silence`];
  }),
  ws_broadcast_private: async (gateway) => {
    const [mine, theirs] = [await createAgent(gateway), await createAgent(gateway)];
    const sibling = await createAgent(gateway, mine.workspace);
    const one = await openSocket(gateway, streamPath(mine));
    const other = await openSocket(gateway, streamPath(theirs));
    for (const agent of [theirs, sibling, mine]) await append(gateway, agent, 'private');
    await until(async () => [one, other].every(({ frames }) => frames.some(({ event_type: type }) => type === 'agent_message')));
    await until(async () => one.frames.some(({ agent_id: id }) => id === mine.id));
    for (const { socket } of [one, other]) socket.close();
    const foreign = one.frames.filter(({ agent_id: id }) => id !== mine.id && id !== undefined);
    return foreign.map(({ agent_id: id }) => `the subscriber to ${mine.id} heard of ${String(id)}`);
  },
  ws_unbounded_queue: alone(async (backing, planted) => {
    // Nobody who reads nothing answers pings: here that must not be the reason for the end.
    const gateway = await startTestGateway(backing, planted, { WS_PING_MS: '60000', WS_MAX_BUFFERED_BYTES: '4194304' });
    const agent = await createAgent(gateway);
    const [slow, reader] = [await openSocket(gateway, streamPath(agent)), await openSocket(gateway, streamPath(agent))];
    slow.socket.pause();
    // When one who reads has had it all, the other one's share is sent too.
    for (let sent = PORTION; sent <= FILLING; sent += PORTION) {
      await manyEvents(backing.postgres, agent, PORTION);
      await until(async () => seqs(reader).length === sent);
    }
    slow.socket.resume();
    // One that was not closed gets all of it, and the ping that waits behind it.
    const code = await Promise.race([slow.closed(), until(async () => seqs(slow).length >= FILLING).then(() => null)]);
    for (const { socket } of [slow, reader]) socket.terminate();
    await gateway.stop();
    return code === null ? [`${FILLING} events of 60 kB waited for a reader that did not read`] : [];
  }),
  ws_no_pong: async (gateway) => {
    const { socket } = await openSocket(gateway, '/ws');
    const state = { answered: false };
    socket.once('pong', () => (state.answered = true));
    socket.ping('anybody?');
    await comesTrue(async () => state.answered);
    socket.close();
    return state.answered ? [] : ['a ping was not answered'];
  },
  ws_half_open: alone(async (backing, planted) => {
    const gateway = await startTestGateway(backing, planted, { WS_PING_MS: '300' });
    const silent = await openSocket(gateway, '/ws', { autoPong: false });
    const dropped = await comesTrue(async () => silent.socket.readyState === silent.socket.CLOSED);
    silent.socket.terminate();
    await gateway.stop();
    return dropped ? [] : ['a peer that answers no ping is still connected after many periods'];
  }),
  ws_crash_on_malformed: alone(async (backing, planted) => {
    const program = await runGateway(backing, { MUSTER_DEFECTS: planted.join(',') });
    const { socket } = await rawSocket(program, '/ws');
    const ended = once(socket, 'close');
    // A frame with the bit RSV2 set, which nobody has agreed on.
    socket.resume().write(Buffer.from([0xa1, 0x80, 0, 0, 0, 0]));
    await ended;
    const survived = program.child.exitCode === null && (await answers(`${program.url}/health/live`));
    program.child.kill('SIGTERM');
    await program.exited;
    return survived ? [] : ['the process ended when a client broke the protocol'];
  }),
  event_before_commit: async (gateway, { postgres }) => {
    const agent = await createAgent(gateway);
    const client = new Client({ connectionString: postgres.adminUrl });
    await client.connect();
    const one = await openSocket(gateway, streamPath(agent));
    const looks: Promise<string | null>[] = [];
    one.socket.on('message', (data: Buffer) => {
      const { seq } = JSON.parse(data.toString('utf8')) as { readonly seq?: number };
      if (seq !== undefined) looks.push(isCommitted(client, agent, seq));
    });
    for (let index = 0; index < 12; index++) await append(gateway, agent, `v${index}`);
    await until(async () => looks.length === 12);
    const findings = await Promise.all(looks);
    one.socket.close();
    await client.end();
    return findings.filter((finding) => finding !== null);
  },
  operation_end_untold: async (gateway) => {
    const one = await openSocket(gateway, '/ws/agents/stream');
    const told = (): readonly unknown[] =>
      one.frames.flatMap(({ data }) => (data as { readonly status?: unknown } | undefined)?.status ?? []);
    const body = { operation_type: 'performance_check', parameters: { samples_ms: [1, 2, 3, 4, 5] } };
    const { body: made } = await send(gateway, 'POST /operations', { body });
    const path = `GET /operations/${String(made['operation_id'])}`;
    await until(async () => (await send(gateway, path)).body['status'] === 'completed');
    const isTold = await comesTrue(async () => told().includes('completed'));
    one.socket.close();
    return isTold ? [] : [`an operation has completed, and its subscriber heard of ${told().join(', ')}`];
  },
  event_lost: async (gateway) => {
    const { got, first } = await heard(gateway);
    return Array.from({ length: EVENTS }, (_, index) => first + index)
      .filter((seq) => !got.includes(seq))
      .map((seq) => `event ${seq} did not come`);
  },
  event_duplicate: async (gateway) => {
    const { got } = await heard(gateway);
    return got.filter((seq, index) => got.indexOf(seq) !== index).map((seq) => `event ${seq} came twice`);
  },
  event_out_of_order: async (gateway) => {
    const { got } = await heard(gateway);
    return got.filter((seq, index) => index > 0 && seq < (got[index - 1] ?? 0)).map((seq) => `event ${seq} came after a later one`);
  },
});

/** The row that the event tells of, seen by somebody else. */
async function isCommitted(client: Client, { workspace }: TestAgent, seq: number): Promise<string | null> {
  const { rows } = await client.query('select from outbox where workspace_id = $1 and seq = $2', [workspace, seq]);
  return rows.length === 1 ? null : `event ${seq} came before its transaction was through`;
}
