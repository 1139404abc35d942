import fc, { type Arbitrary } from 'fast-check';
import { netcatOf } from './call.ts';
import type { Campaign } from './campaign.ts';
import { at, type Json, type Schema } from './document.ts';
import { decodeFrames, encodeFrame, handshake, OPCODE, textFrame, type Frame } from './frames.ts';
import { encoded } from './http-cases.ts';
import { junkBody, junkText, spoiled } from './junk.ts';
import { valuesOf } from './values.ts';
import { openWire, statusIn } from './wire.ts';

export interface SocketCase {
  readonly address: string;
  readonly target: string;
  readonly frames: readonly Frame[];
}

/** One channel of an AsyncAPI document. */
export interface ServedChannel {
  readonly address: string;
  readonly query: Schema;
  /** What it takes. */
  readonly takes: readonly Schema[];
}

const END_OF_HEAD = '\r\n\r\n';
const PROOF = 'still there?';
const PING: Frame = { fin: true, reserved: 0, opcode: OPCODE.ping, masked: true, payload: Buffer.from(PROOF) };
const PARAMETERS = ['agent_id', 'workspace_id', 'since_seq', 'connection_id'];
const INTERNAL = 1011;

export function channelsOf(document: Json): readonly ServedChannel[] {
  const operations = Object.values(at(document, 'operations')) as readonly Json[];
  const taken = operations
    .filter(({ action }) => action === 'receive')
    .flatMap(({ messages }) => (messages as readonly { readonly $ref: string }[]).map(({ $ref }) => $ref));
  return Object.entries(at(document, 'channels')).map(([name, channel]) => ({
    address: String((channel as Json)['address']),
    query: at(at(at(channel, 'bindings'), 'ws'), 'query'),
    takes: Object.entries(at(channel, 'messages')).flatMap(([message, described]) =>
      taken.includes(`#/channels/${name}/messages/${message}`) ? [at(described, 'payload')] : [],
    ),
  }));
}

export interface SocketTarget {
  readonly url: string;
  readonly channels: readonly ServedChannel[];
  readonly resolve: (schema: Schema) => Schema;
  /** Things that are really there, by the noun before the parameter: `agents`. */
  readonly idsOf: (collection: string) => readonly string[];
  /** What is wrong with a frame of the service, or null. */
  readonly check: (address: string, frame: unknown) => string | null;
}

/** Handshakes on every channel, then frames: what the channel takes, what it does not, and what no WebSocket takes. */
export function socketCampaign(target: SocketTarget): Campaign<SocketCase> {
  return {
    name: 'frames to the gateway',
    cases: fc.constantFrom(...target.channels).chain((channel) => socketCases(channel, target)),
    attempt: (sent) => attempt(sent, target),
    reproducer: (sent) => netcatOf(target.url, Buffer.concat([handshake(sent.target), ...sent.frames.map(encodeFrame), encodeFrame(PING)])),
  };
}

async function attempt({ address, target, frames: sent }: SocketCase, { url, check }: SocketTarget): Promise<void> {
  const wire = await openWire(url);
  try {
    wire.socket.write(handshake(target));
    await wire.until((received) => received.includes(END_OF_HEAD));
    const status = statusIn(wire.received());
    if (status === null || status >= 500) throw new Error(`the handshake was answered with ${status}`);
    if (status !== 101) return;
    wire.socket.write(Buffer.concat([...sent.map(encodeFrame), encodeFrame(PING)]));
    await wire.until((received) => framesIn(received).some(isSettled));
    for (const { opcode, payload } of framesIn(wire.received())) {
      if (opcode === OPCODE.close && payload.length >= 2 && payload.readUInt16BE(0) === INTERNAL)
        throw new Error(`it closed with 1011 ${payload.toString('utf8', 2)}`);
      const problem = opcode === OPCODE.text ? check(address, JSON.parse(payload.toString('utf8'))) : null;
      if (problem !== null) throw new Error(problem);
    }
  } finally {
    wire.socket.destroy();
  }
}

export function framesIn(received: Buffer): ReturnType<typeof decodeFrames> {
  const head = received.indexOf(END_OF_HEAD);
  return head === -1 ? [] : decodeFrames(received.subarray(head + END_OF_HEAD.length));
}

function isSettled({ opcode, payload }: { readonly opcode: number; readonly payload: Buffer }): boolean {
  return opcode === OPCODE.close || (opcode === OPCODE.pong && payload.toString('utf8') === PROOF);
}

function socketCases(channel: ServedChannel, target: SocketTarget): Arbitrary<SocketCase> {
  const collection = channel.address.split('/')[2] ?? '';
  const known = target.idsOf(collection);
  const id = fc.oneof(
    { weight: 5, arbitrary: known.length === 0 ? fc.uuid() : fc.constantFrom(...known) },
    { weight: 1, arbitrary: junkText().map(encoded) },
  );
  const { resolve } = target;
  const query = fc.oneof(
    { weight: 4, arbitrary: valuesOf(channel.query, { resolve, bare: true }).map((values) => asQuery(values as Json)) },
    { weight: 1, arbitrary: valuesOf(channel.query, { resolve }).map((values) => asQuery(values as Json)) },
    { weight: 1, arbitrary: fc.dictionary(fc.constantFrom(...PARAMETERS), junkText(), { maxKeys: 3 }).map(asQuery) },
  );
  return fc.tuple(id, query, fc.array(frames(channel, target), { maxLength: 6 })).map(([value, text, sent]) => ({
    address: channel.address,
    target: `${channel.address.replace('{id}', () => value)}${text}`,
    frames: sent,
  }));
}

function frames({ takes }: ServedChannel, { resolve }: SocketTarget): Arbitrary<Frame> {
  const valid =
    takes.length === 0 ? fc.constant<unknown>({ type: 'ping' }) : fc.oneof(...takes.map((schema) => valuesOf(schema, { resolve })));
  const asFrame = (value: unknown): Frame => textFrame(JSON.stringify(value) ?? '');
  const payload = fc.oneof(
    fc.uint8Array({ maxLength: 130 }),
    fc.constantFrom(new Uint8Array(0), Buffer.from([0xc3, 0x28]), Buffer.from([0xff]), Buffer.alloc(70_000, 0x61)),
  );
  return fc.oneof(
    { weight: 3, arbitrary: valid.map(asFrame) },
    { weight: 3, arbitrary: spoiled(valid).map(asFrame) },
    { weight: 2, arbitrary: junkBody().map(textFrame) },
    {
      weight: 3,
      arbitrary: fc.record({
        fin: fc.boolean(),
        reserved: fc.constantFrom(0, 0, 0, 1, 4),
        opcode: fc.constantFrom(...Object.values(OPCODE), 3, 11),
        masked: fc.constantFrom(true, true, true, false),
        payload,
      }),
    },
  );
}

function asQuery(values: Json): string {
  const pairs = Object.entries(values).map(([name, value]) => `${name}=${encoded(String(value))}`);
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}
