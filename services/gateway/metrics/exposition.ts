export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  /** Behind the name of the metric: `_sum`, `_count`, `_bucket`. */
  readonly suffix?: string;
  readonly labels?: Labels;
  readonly value: number;
}

export interface Metric {
  /** As Prometheus wants it: unit in the name, `_total` for what only grows. */
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** No sample means: not known now. A figure that could not be read is left out, never 0. */
  samples(): readonly Sample[] | Promise<readonly Sample[]>;
}

/** The text format 0.0.4. */
export async function expose(metrics: readonly Metric[]): Promise<string> {
  const parts = await Promise.all(
    metrics.map(async (metric) => {
      const { name, help, type } = metric;
      const lines = (await metric.samples()).map(
        ({ suffix = '', labels = {}, value }) => `${name}${suffix}${labelText(labels)} ${numberText(value)}`,
      );
      return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines].join('\n');
    }),
  );
  return `${parts.join('\n')}\n`;
}

export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escape(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escape(value: string): string {
  return value.replaceAll('\\', String.raw`\\`).replaceAll('\n', String.raw`\n`).replaceAll('"', String.raw`\"`);
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return String(value);
}
