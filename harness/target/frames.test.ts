import { describe, expect, it } from 'vitest';
import { FrameLog } from './frames.ts';

describe('the frame log', () => {
  it('drops the oldest frames, counts them and stays bounded', () => {
    const log = new FrameLog();
    for (let index = 0; index < 25_000; index += 1) log.push(Buffer.from(String(index)), false);
    expect(log.frames.length).toBeLessThanOrEqual(10_000);
    expect(log.frames.length + log.dropped).toBe(25_000);
    expect(log.frames.at(-1)?.text).toBe('24999');
  });

  it('is bounded in bytes as well', () => {
    const log = new FrameLog();
    const big = Buffer.alloc(4 * 1024 * 1024);
    for (let index = 0; index < 40; index += 1) log.push(big, true);
    expect(log.frames.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(64 * 1024 * 1024);
    expect(log.lastSeq).toBe(40);
  });

  it('wakes only those whose frame came, and looks only after `since`', async () => {
    const log = new FrameLog();
    log.push(Buffer.from('"a"'), false);
    const later = log.next(({ json }) => json === 'a', { withinMs: 60_000, since: log.lastSeq });
    const other = log.next(({ json }) => json === 'b', { withinMs: 60_000 });
    log.push(Buffer.from('"b"'), false);
    log.push(Buffer.from('"a"'), false);
    expect(await later).toMatchObject({ ok: true, frame: { seq: 3 } });
    expect(await other).toMatchObject({ ok: true, frame: { seq: 2 } });
  });
});
