import type { Shape } from './plan.ts';
import { durationOf } from './plan.ts';

/** A stretch of time in which the rate goes in a straight line. Rates are per millisecond, so that their integral counts arrivals. */
interface Stretch {
  readonly startMs: number;
  readonly lengthMs: number;
  readonly from: number;
  readonly to: number;
  /** Expected arrivals before the stretch. */
  readonly before: number;
}

/** A rate over time and its integral. */
export interface RateCurve {
  readonly durationMs: number;
  /** Expected arrivals in all. */
  readonly total: number;
  readonly peakPerSecond: number;
  /** When so many arrivals are expected to have come; the end of a pause, not its beginning. Cheapest for growing values. */
  timeOf(arrivals: number): number;
}

/** A whole number that has become a little less by rounding (0.1 × 30 / 1000) is that number. */
const ROUNDING = 1e-9;

export function curveOf(shape: Shape): RateCurve {
  const stretches = stretchesOf(shape);
  const last = stretches.at(-1);
  const busy = stretches.filter((stretch) => massOf(stretch) > 0);
  return {
    durationMs: durationOf(shape),
    total: last === undefined ? 0 : last.before + massOf(last),
    peakPerSecond: stretches.reduce((peak, { from, to }) => Math.max(peak, from * 1000, to * 1000), 0),
    timeOf: finder(busy),
  };
}

/** Walks on from where the last call ended: a schedule is asked for its arrivals in order. */
function finder(busy: readonly Stretch[]): (arrivals: number) => number {
  let place = 0;
  return (arrivals) => {
    const reached = arrivals + ROUNDING + arrivals * Number.EPSILON * 4;
    if ((busy[place]?.before ?? 0) > reached) place = 0;
    for (let next = busy[place + 1]; next !== undefined && next.before <= reached; next = busy[place + 1]) place += 1;
    const stretch = busy[place];
    return stretch === undefined ? Number.POSITIVE_INFINITY : timeWithin(stretch, arrivals);
  };
}

/** Solves `from·t + slope·t²/2 = arrivals` in the form that loses no digits when the slope is small. */
function timeWithin({ startMs, lengthMs, from, to, before }: Stretch, arrivals: number): number {
  const wanted = Math.max(0, arrivals - before);
  if (wanted === 0) return startMs;
  if (from === to) return startMs + wanted / from;
  const slope = (to - from) / lengthMs;
  const root = Math.sqrt(Math.max(0, from * from + 2 * slope * wanted));
  return startMs + Math.min(lengthMs, (2 * wanted) / (from + root));
}

function massOf({ from, to, lengthMs }: Stretch): number {
  return ((from + to) / 2) * lengthMs;
}

function stretchesOf(shape: Shape): readonly Stretch[] {
  const stretches: Stretch[] = [];
  let [startMs, before] = [0, 0];
  for (const [lengthMs, fromPerSecond, toPerSecond] of piecesOf(shape)) {
    const stretch: Stretch = { startMs, lengthMs, from: fromPerSecond / 1000, to: toPerSecond / 1000, before };
    stretches.push(stretch);
    startMs += lengthMs;
    before += massOf(stretch);
  }
  return stretches;
}

type Piece = readonly [lengthMs: number, fromPerSecond: number, toPerSecond: number];

function piecesOf(shape: Shape): readonly Piece[] {
  switch (shape.kind) {
    case 'constant':
      return [[shape.durationMs, shape.perSecond, shape.perSecond]];
    case 'ramp':
      return [[shape.durationMs, shape.fromPerSecond, shape.toPerSecond]];
    case 'steps':
      return shape.perSecond.map((rate): Piece => [shape.holdMs, rate, rate]);
    default:
      return burstPieces(shape);
  }
}

function burstPieces({ perSecond, burstPerSecond, everyMs, burstMs, durationMs }: Shape & { readonly kind: 'burst' }): readonly Piece[] {
  const pieces: Piece[] = [];
  for (let cycle = 0; cycle * everyMs < durationMs; cycle += 1) {
    const leftMs = durationMs - cycle * everyMs;
    const quietMs = Math.min(everyMs - burstMs, leftMs);
    if (quietMs > 0) pieces.push([quietMs, perSecond, perSecond]);
    if (leftMs > quietMs) pieces.push([Math.min(burstMs, leftMs - quietMs), burstPerSecond, burstPerSecond]);
  }
  return pieces;
}
