import type { Labels, Metric, Sample } from './exposition.ts';

interface Counter extends Metric {
  add(labels: Labels): void;
}

interface Histogram extends Metric {
  observe(labels: Labels, value: number): void;
}

export interface About {
  readonly name: string;
  readonly help: string;
}

/** What only grows, per set of labels; the sets have to be few: never anything that a caller chooses. */
export function counter(about: About): Counter {
  const series = new Map<string, { readonly labels: Labels; value: number }>();
  return {
    ...about,
    type: 'counter',
    add: (labels) => {
      seriesOf(series, labels, () => ({ labels, value: 0 })).value++;
    },
    samples: () => [...series.values()],
  };
}

interface Buckets {
  readonly labels: Labels;
  readonly counts: number[];
  sum: number;
}

/** How often something took how long; in seconds, as Prometheus has it. */
export function histogram(about: About, bounds: readonly number[]): Histogram {
  const series = new Map<string, Buckets>();
  return {
    ...about,
    type: 'histogram',
    observe: (labels, value) => {
      const buckets = seriesOf(series, labels, () => ({ labels, counts: Array.from({ length: bounds.length + 1 }, () => 0), sum: 0 }));
      const at = bounds.findIndex((bound) => value <= bound);
      const index = at === -1 ? bounds.length : at;
      buckets.counts[index] = (buckets.counts[index] ?? 0) + 1;
      buckets.sum += value;
    },
    samples: () => [...series.values()].flatMap((buckets) => bucketSamples(buckets, bounds)),
  };
}

/** What is read when it is asked for; null when it is not known. */
export function gauge(about: About, read: () => number | null | readonly Sample[] | Promise<number | null>): Metric {
  return {
    ...about,
    type: 'gauge',
    samples: async () => {
      const value = await read();
      if (typeof value === 'number') return [{ value }];
      return value ?? [];
    },
  };
}

function bucketSamples({ labels, counts, sum }: Buckets, bounds: readonly number[]): readonly Sample[] {
  let total = 0;
  const buckets = counts.map((count, index) => {
    total += count;
    const le = index < bounds.length ? String(bounds[index]) : '+Inf';
    return { suffix: '_bucket', labels: { ...labels, le }, value: total };
  });
  return [...buckets, { suffix: '_sum', labels, value: sum }, { suffix: '_count', labels, value: total }];
}

function seriesOf<T>(series: Map<string, T>, labels: Labels, make: () => T): T {
  const key = Object.values(labels).join('\n');
  const known = series.get(key);
  if (known !== undefined) return known;
  const made = make();
  series.set(key, made);
  return made;
}
