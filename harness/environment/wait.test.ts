import { describe, expect, it } from 'vitest';
import type { Probe } from './probes.ts';
import { waitUntilReady } from './wait.ts';

const never = new Promise<never>(() => undefined);
const signal = new AbortController().signal;
const refused: Probe = () => Promise.resolve({ ready: false, seen: 'ECONNREFUSED' });

describe('waitUntilReady', () => {
  it('ends with the first ready sighting and counts the attempts', async () => {
    let calls = 0;
    const probe: Probe = () => Promise.resolve({ ready: ++calls === 3, seen: `look ${String(calls)}` });
    const result = await waitUntilReady({ probe, withinMs: 5_000, interrupted: never, signal });
    expect(result).toMatchObject({ outcome: 'ready', attempts: 3, lastSeen: 'look 3' });
  });

  it('carries the last thing seen when time is up', async () => {
    const result = await waitUntilReady({ probe: refused, withinMs: 40, interrupted: never, signal });
    expect(result).toMatchObject({ outcome: 'late', lastSeen: 'ECONNREFUSED' });
    expect(result.attempts).toBeGreaterThan(0);
  });

  it('ends in time although the probe hangs', async () => {
    const result = await waitUntilReady({ probe: () => never, withinMs: 20, interrupted: never, signal });
    expect(result).toMatchObject({ outcome: 'late', attempts: 0, lastSeen: null });
  });

  it('ends as soon as the process has exited', async () => {
    const result = await waitUntilReady({ probe: refused, withinMs: 60_000, interrupted: Promise.resolve(), signal });
    expect(result.outcome).toBe('interrupted');
  });

  it('takes a probe that throws for a sighting', async () => {
    const result = await waitUntilReady({ probe: () => Promise.reject(new Error('odd')), withinMs: 30, interrupted: never, signal });
    expect(result).toMatchObject({ outcome: 'late', lastSeen: 'odd' });
  });

  it("rejects with the signal's reason", async () => {
    const abort = new AbortController();
    const waiting = waitUntilReady({ probe: refused, withinMs: 60_000, interrupted: never, signal: abort.signal });
    abort.abort(new Error('interrupted by the user'));
    await expect(waiting).rejects.toThrow('interrupted by the user');
  });
});
