import { z } from 'zod';
import { jsonProblem } from '../../shared/json-value.ts';
import type { FrameHandler, Messages } from './channel.ts';
import { errorFrame } from './messages.ts';
import { CLOSE, type Peer } from './peer.ts';
import { RateLimit } from './rate.ts';

type Read<M> = { readonly ok: true; readonly message: M } | { readonly ok: false; readonly frame: string };

export interface Reading<M extends Messages> {
  readonly receives: M;
  readonly messagesPerSecond: number;
  readonly handle: (message: z.output<M[keyof M]>) => void;
}

/** Reads what a client says. One that cannot be read is answered with an error and the connection stays; a flood is closed. */
export function readFrames<M extends Messages>(peer: Peer, { receives, messagesPerSecond, handle }: Reading<M>): FrameHandler {
  const rate = new RateLimit(messagesPerSecond, 1000);
  const schema = schemaOf(receives);
  return (text) => {
    if (!rate.take('')) {
      peer.close(CLOSE.policy, `more than ${messagesPerSecond} messages in a second`);
      return;
    }
    const read = readFrame(text, schema, Object.keys(receives));
    if (read.ok) handle(read.message as z.output<M[keyof M]>);
    else peer.send(read.frame);
  };
}

function schemaOf(receives: Messages): z.ZodType {
  return z.union(Object.values(receives));
}

/** Never throws: what is wrong with a frame is said to its sender. */
export function readFrame(text: string, schema: z.ZodType, known: readonly string[]): Read<unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text) as unknown;
  } catch {
    return { ok: false, frame: errorFrame('malformed_frame', 'the frame is not JSON') };
  }
  const problem = jsonProblem(value);
  if (problem !== null) return { ok: false, frame: errorFrame('malformed_frame', problem) };
  const read = schema.safeParse(value);
  if (read.success) return { ok: true, message: read.data };
  const expected = known.length === 0 ? 'no message is expected here' : `expected one of: ${known.join(', ')}`;
  return { ok: false, frame: errorFrame('unknown_message', expected) };
}
