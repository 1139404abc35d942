export interface Scale {
  /** Value → coordinate. */
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
  readonly domain: readonly [number, number];
}

export interface ScaleParts {
  readonly domain: readonly [number, number];
  readonly range: readonly [number, number];
  readonly tickCount: number;
}

/** A linear scale whose ticks are multiples of 1, 2 or 5 times a power of ten inside the domain. */
export function linear({ domain, range, tickCount }: ScaleParts): Scale {
  const [low, high] = domain[1] > domain[0] ? domain : [domain[0], domain[0] + 1];
  const step = niceStep((high - low) / Math.max(1, tickCount));
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return {
    at: (value) => range[0] + ((value - low) / (high - low)) * (range[1] - range[0]),
    ticks: Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12))),
    domain: [low, high],
  };
}

function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= rough * (1 - 1e-9)) ?? 10;
  return factor * power;
}

/** A logarithmic scale for positive values, with ticks at 1, 2 and 5 times the powers of ten, or at these alone when they are many. */
export function logarithmic({ domain, range, tickCount }: ScaleParts): Scale {
  const [low, high] = domain;
  const [from, to] = [Math.log10(low), Math.log10(Math.max(high, low * 1.1))];
  const decades = Array.from({ length: Math.ceil(to) - Math.floor(from) + 1 }, (_, at) => Math.floor(from) + at);
  const candidates = (factors: readonly number[]): readonly number[] =>
    decades
      .flatMap((decade) => factors.map((factor) => Number((factor * 10 ** decade).toPrecision(12))))
      .filter((tick) => tick >= low && tick <= high);
  const fine = candidates([1, 2, 5]);
  return {
    at: (value) => range[0] + ((Math.log10(Math.max(value, low)) - from) / (to - from)) * (range[1] - range[0]),
    ticks: fine.length <= tickCount ? fine : candidates([1]),
    domain: [low, high],
  };
}

/** `max` rounded up to a multiple of the tick step, so that the axis ends on a tick. */
export function roundedUp(max: number, tickCount: number): number {
  if (!(max > 0)) return 1;
  const step = niceStep(max / tickCount);
  return Number((Math.ceil(max / step - 1e-9) * step).toPrecision(12));
}

export type Point = readonly [number, number];

/** Keeps first, lowest, highest and last of each of `buckets` stretches: no peak gets lost. Points are in order of x. */
export function decimate(points: readonly Point[], buckets: number): readonly Point[] {
  if (points.length <= buckets * 4) return points;
  const size = points.length / buckets;
  return Array.from({ length: buckets }, (_, bucket) =>
    extremes(points.slice(Math.floor(bucket * size), Math.floor((bucket + 1) * size))),
  ).flat();
}

function extremes(points: readonly Point[]): readonly Point[] {
  if (points.length === 0) return [];
  const indexOf = (better: (a: number, b: number) => boolean): number =>
    points.reduce((best, point, at) => (better(point[1], points[best]?.[1] ?? 0) ? at : best), 0);
  const kept = new Set([0, indexOf((a, b) => a < b), indexOf((a, b) => a > b), points.length - 1]);
  return points.filter((_, at) => kept.has(at));
}

/** Coordinates need no more than a tenth of a unit. */
export function coordinate(value: number): number {
  return Math.round(value * 10) / 10;
}
