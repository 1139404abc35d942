import { describe, expect, it } from 'vitest';
import { handle, longestRetryMs, retryDelayMs, sortDeliveries } from './handling.ts';
import { isAboutContent } from './message-store.ts';
import { compareIds, idAfter } from './replay.ts';
import type { Delivery, StreamLog } from './stream-log.ts';

const uuid = (n: number): string => `0b4e2c1a-0000-4000-8000-00000000000${n}`;
const delivery = (n: number, more: readonly string[] = [], tries = 1): Delivery => ({
  entry: [`${n}-0`, ['message_id', uuid(n), 'from_agent', 'a', 'type', 't', 'payload', '1', ...more]],
  tries,
});
const unreadable = (n: number, tries: number): Delivery => ({ entry: [`${n}-0`, ['x', 'y']], tries });
const deleted: Delivery = { entry: ['9-0', null], tries: 1 };

/** Notes what happens to the entries. */
function setUp(refuse: (id: string) => boolean = () => false, isAway = false) {
  const seen: string[] = [];
  const log = {
    acknowledge: async (_: string, ids: readonly string[]) => void seen.push(`ack ${ids.join(',')}`),
    giveBack: async (_: string, ids: readonly string[]) => void seen.push(`back ${ids.join(',')}`),
    retryLater: async (_: string, { entry: [id] }: Delivery, ms: number) => void seen.push(`retry ${id} ${ms}`),
    bury: async (_: string, { entryId, fields }: { entryId: string; fields: Readonly<Record<string, string>> }) => {
      seen.push(`bury ${entryId} ${fields['reason']} after ${fields['tries']}`);
      return true;
    },
  } as unknown as StreamLog;
  const store = {
    store: async (_: string, messages: readonly { streamId: string }[]) => {
      if (isAway) throw new Error('away');
      return messages.filter(({ streamId }) => refuse(streamId)).map((message) => ({ message: message as never, reason: 'no' }));
    },
  };
  return { seen, run: (deliveries: readonly Delivery[]) => handle({ log, store, retryMs: 100 }, 'a', deliveries) };
}

describe('handling', () => {
  it('sorts what came', () => {
    const old = delivery(2, ['timestamp', '2026-01-01T00:00:00Z', 'ttl_s', '1']);
    const sorted = sortDeliveries([delivery(1), old, unreadable(3, 1), deleted], Date.parse('2026-01-01T00:00:01Z'));
    expect(sorted).toMatchObject({ messages: [{ delivery: delivery(1) }], expired: [old], unreadable: [unreadable(3, 1)], gone: ['9-0'] });
  });

  it('acknowledges what was stored, and nothing else, whatever else came with it', async () => {
    const { seen, run } = setUp((id) => id === '2-0');
    await run([delivery(1), delivery(2), unreadable(3, 2), deleted]);
    expect(seen).toEqual(['ack 1-0,9-0', 'retry 3-0 200', 'retry 2-0 100']);
  });

  it('gives up after the third try', async () => {
    const { seen, run } = setUp(() => true);
    await run([delivery(1, [], 3), unreadable(2, 3)]);
    expect(seen).toEqual(['ack ', 'bury 2-0 not a message after 3', 'bury 1-0 no after 3']);
  });

  it('gives everything back, and counts nothing, while the database is away', async () => {
    const { seen, run } = setUp(() => false, true);
    await expect(run([delivery(1, [], 3), unreadable(2, 3)])).rejects.toThrow('away');
    expect(seen).toEqual(['back 1-0,2-0']);
  });
});

it('waits twice as long after each try, at most a minute', () => {
  expect([1, 2, 3, 20].map((tries) => retryDelayMs(1000, tries))).toEqual([1000, 2000, 4000, 60_000]);
  expect(longestRetryMs(1000)).toBe(2000);
});

it.each([
  ['22P02', true],
  ['23514', true],
  ['57P01', false],
  ['08006', false],
  ['42P01', false],
  ['53300', false],
])('SQLSTATE %s is about the content: %s', (code, expected) => {
  expect(isAboutContent(Object.assign(new Error('x'), { code }))).toBe(expected);
});

it('orders ids as numbers', () => {
  expect(compareIds('9-0', '10-0')).toBe(-1);
  expect(compareIds('10-2', '10-10')).toBe(-1);
  expect(compareIds('10-2', '10-2')).toBe(0);
  expect(idAfter('10-2')).toBe('10-3');
});
