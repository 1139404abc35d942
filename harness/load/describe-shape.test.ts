import { expect, it } from 'vitest';
import { describeShape } from './describe-shape.ts';
import type { Shape } from './plan.ts';

it.each<[Shape, string]>([
  [{ kind: 'constant', perSecond: 150, durationMs: 17_000 }, 'constant 150/s for 17 s, Poisson arrivals, 20 agents'],
  [
    { kind: 'ramp', fromPerSecond: 1, toPerSecond: 12.5, durationMs: 500 },
    'ramp from 1/s to 12.5/s for 0.5 s, Poisson arrivals, 20 agents',
  ],
  [
    { kind: 'burst', perSecond: 10, burstPerSecond: 90, everyMs: 5000, burstMs: 1000, durationMs: 60_000 },
    '10/s with bursts of 90/s (1 s in every 5 s) for 60 s, Poisson arrivals, 20 agents',
  ],
  [{ kind: 'steps', perSecond: [10, 20], holdMs: 3000 }, 'steps of 10/s, 20/s, 3 s each, for 6 s, Poisson arrivals, 20 agents'],
])('says %j in words', (shape, words) => {
  expect(describeShape({ shape, arrivals: 'poisson', agents: 20 })).toBe(words);
});
