import { describe, expect, it } from 'vitest';
import type { Call } from '../../../load/index.ts';
import { type Opening, PerAgent } from './per-agent.ts';

interface Bench {
  readonly sessions: PerAgent<string>;
  readonly opened: number[];
  answer: Opening<string>;
  nowMs: number;
}

function bench(): Bench {
  const made = { opened: [] as number[], answer: { ok: true, value: 'first' } as Opening<string>, nowMs: 0 };
  const sessions = new PerAgent<string>({
    async open(agent) {
      made.opened.push(agent);
      return made.answer;
    },
    perSecond: 1e6,
    nowMs: () => made.nowMs,
  });
  return Object.assign(made, { sessions });
}

/** What a call of agent 0 meets: the value it goes on with, or the outcome it ends with. */
function meets(sessions: PerAgent<string>): Promise<string> {
  return new Promise((resolve, reject) => {
    const call: Call = { arrival: { index: 0, dueMs: 0, agent: 0 }, cancel: null, end: resolve, crash: reject };
    sessions.call(call, resolve);
  });
}

const COUNT = () => ({ opened: 0, failed: 0, of: 0 });

describe('what each agent has', () => {
  it('is opened once for all, and counted', async () => {
    const made = bench();
    const count = COUNT();
    await made.sessions.openAll([3, 4], new AbortController().signal, count);
    await made.sessions.openAll([3, 4, 5], new AbortController().signal, count);
    expect([made.opened, count]).toEqual([[3, 4, 5], { opened: 5, failed: 0, of: 5 }]);
  });

  it('is opened by the first call that needs it, for all that wait', async () => {
    const { sessions, opened } = bench();
    expect(await Promise.all([meets(sessions), meets(sessions)])).toEqual(['first', 'first']);
    expect(opened).toEqual([0]);
  });

  it('is tried again after pauses that grow, until then its calls end with what the last attempt met', async () => {
    const made = bench();
    made.answer = { ok: false, outcome: 'shed' };
    const tries: number[] = [];
    for (made.nowMs = 0; made.nowMs <= 1_600; made.nowMs += 50) {
      expect(await meets(made.sessions)).toBe('shed');
      if (made.opened.length > tries.length) tries.push(made.nowMs);
    }
    expect(tries).toEqual([0, 100, 300, 700, 1_500]);
  });

  it('is opened anew at once when it had lived, and after a pause when it had not', async () => {
    const made = bench();
    await meets(made.sessions);
    made.nowMs = 2_000;
    made.sessions.lost(0, 'first', 'unknown');
    made.answer = { ok: true, value: 'second' };
    expect(await meets(made.sessions)).toBe('second');
    made.sessions.lost(0, 'first', 'unknown');
    expect(await meets(made.sessions)).toBe('second');
    made.sessions.lost(0, 'second', 'unknown');
    expect(await meets(made.sessions)).toBe('unknown');
  });

  it('makes a defect of ours a crash of the call, not an outcome', async () => {
    const sessions = new PerAgent<string>({ open: () => Promise.reject(new Error('ours')), perSecond: 1e6 });
    await expect(meets(sessions)).rejects.toThrow('ours');
    await expect(sessions.openAll([0], new AbortController().signal, COUNT())).rejects.toThrow('ours');
  });

  it('does not open what is left when the time is over, and keeps at most a hundred under way', async () => {
    const stop = new AbortController();
    const count = COUNT();
    let begun = 0;
    let full: () => void = () => undefined;
    const hundred = new Promise<void>((resolve) => (full = resolve));
    const sessions = new PerAgent<string>({
      open(_agent, signal) {
        begun += 1;
        if (begun === 100) full();
        return new Promise((settle) => signal.addEventListener('abort', () => settle({ ok: false, outcome: 'unknown' })));
      },
      perSecond: 1e6,
    });
    const over = sessions.openAll(
      Array.from({ length: 250 }, (_, agent) => agent),
      stop.signal,
      count,
    );
    await hundred;
    await new Promise((resolve) => setImmediate(resolve));
    expect(begun).toBe(100);
    stop.abort();
    await over;
    expect([begun, count]).toEqual([100, { opened: 0, failed: 250, of: 250 }]);
  });
});
