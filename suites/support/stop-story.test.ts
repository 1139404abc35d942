import { describe, expect, it } from 'vitest';
import { steadySince, type Sent } from './stop-story.ts';

const requests = (outcomes: readonly Sent['outcome'][], fromMs = 0): Sent[] =>
  outcomes.map((outcome, index) => ({ atMs: fromMs + index * 10, kind: 'append', outcome, durationMs: 2, timedOut: false }));

const good = (count: number): Sent['outcome'][] => Array.from({ length: count }, () => 'ok');

describe('steadySince', () => {
  it('is the answer to the first request of a long enough streak', () => {
    expect(steadySince(requests(['unknown', 'unknown', ...good(20)]), 0, 20)).toBe(22);
  });

  it('starts again after every request that is not good', () => {
    expect(steadySince(requests([...good(19), 'degraded', ...good(20)]), 0, 20)).toBe(202);
  });

  it('is null while the streak is too short', () => {
    expect(steadySince(requests(good(19)), 0, 20)).toBeNull();
  });

  it('looks only at requests sent after the given moment', () => {
    expect(steadySince(requests(good(30)), 150, 20)).toBeNull();
  });
});
