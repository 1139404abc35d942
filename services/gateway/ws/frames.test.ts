import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readFrame, readFrames } from './frames.ts';
import { fakePeer } from '../../testing/fake-peer.ts';

const ack = z.strictObject({ type: z.literal('ack'), seq: z.int().min(0) });
const code = (text: string): unknown => {
  const read = readFrame(text, z.union([ack]), ['ack']);
  return read.ok ? read.message : (JSON.parse(read.frame) as { readonly code: string }).code;
};

describe('readFrame', () => {
  it.each([
    ['', 'malformed_frame'],
    ['{', 'malformed_frame'],
    [String.raw`"\u0000"`, 'malformed_frame'],
    ['['.repeat(40) + ']'.repeat(40), 'malformed_frame'],
    ['5', 'unknown_message'],
    ['[]', 'unknown_message'],
    ['{"type":"nothing"}', 'unknown_message'],
    ['{"type":"ack","seq":-1}', 'unknown_message'],
    ['{"type":"ack","seq":1,"more":1}', 'unknown_message'],
  ])('refuses %s', (text, expected) => {
    expect(code(text)).toBe(expected);
  });
  it('takes what fits', () => {
    expect(code('{"type":"ack","seq":3}')).toEqual({ type: 'ack', seq: 3 });
  });
});

describe('readFrames', () => {
  it('answers what it cannot read and goes on', () => {
    const { peer, sent, closed } = fakePeer();
    const heard: unknown[] = [];
    const take = readFrames(peer, { receives: { ack }, messagesPerSecond: 10, handle: (message) => heard.push(message.seq) });
    for (const text of ['{', '{"type":"ack","seq":1}']) take(text);
    expect(sent).toHaveLength(1);
    expect(heard).toEqual([1]);
    expect(closed).toEqual([]);
  });
  it('closes a flood with 1008', () => {
    const { peer, closed } = fakePeer();
    const take = readFrames(peer, { receives: {}, messagesPerSecond: 2, handle: () => undefined });
    for (const text of ['1', '2', '3']) take(text);
    expect(closed).toEqual([1008]);
  });
});
