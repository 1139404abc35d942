import { describe, expect, it } from 'vitest';
import { appendStall, isStall, waitOf, type DiskStall, type DiskWrite } from './disk-stalls.ts';

const MIB = 2 ** 20;
const write = (lengthMs: number, rest: Partial<DiskWrite> = {}): DiskWrite => ({
  startMs: 1000,
  endMs: 1000 + lengthMs,
  unscheduledMs: 0,
  writtenBytes: 4096,
  ...rest,
});

describe('a stall of the disk', () => {
  it.each([
    ['a long wait while next to nothing is written', write(746), true],
    ['a long wait at the allowed rate', write(500, { writtenBytes: 16 * MIB }), true],
    ['a short wait', write(49), false],
    ['a long wait while much is written, by whomever', write(500, { writtenBytes: 17 * MIB }), false],
    ['a wait for a processor', write(746, { unscheduledMs: 700 }), false],
    ['a long wait beside a short one for a processor', write(746, { unscheduledMs: 100 }), true],
    ['what cannot be told', write(746, { unscheduledMs: Number.NaN }), false],
    ['what nobody knows the bytes of', write(746, { writtenBytes: Number.NaN }), false],
  ])('%s: %o is one: %s', (_, seen, expected) => {
    expect(isStall(seen)).toBe(expected);
  });

  it('is what is left of the time without the wait for a processor', () => {
    expect(waitOf(write(120, { unscheduledMs: 20 }))).toBe(100);
    expect(waitOf(write(1, { unscheduledMs: 3 }))).toBe(0);
  });

  it('is one with the next when there is hardly time between them', () => {
    const stalls: DiskStall[] = [];
    for (const [startMs, endMs] of [
      [0, 100],
      [300, 400],
      [700, 800],
    ] as const)
      appendStall(stalls, { startMs, endMs });
    expect(stalls).toEqual([
      { startMs: 0, endMs: 400 },
      { startMs: 700, endMs: 800 },
    ]);
  });
});
