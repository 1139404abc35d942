/** One figure of a benchmark; null: it could not be measured, and `note` says why. */
export interface Figure {
  readonly what: string;
  readonly value: number | null;
  readonly unit: string;
  readonly note: string;
}

export interface Bench {
  readonly name: string;
  readonly title: string;
  run(): Promise<readonly Figure[]>;
}

export function figure(what: string, value: number | null, unit: string, note = ''): Figure {
  return { what, value, unit, note };
}

export function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const [low, high] = [sorted[Math.floor(middle)], sorted[Math.ceil(middle)]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}

/** `median (lowest–highest of n)`: a median without its spread invites to read noise. */
export function spread(values: readonly number[]): string {
  return values.length < 2 ? '' : `${show(Math.min(...values))}–${show(Math.max(...values))} of ${values.length}`;
}

function show(value: number): string {
  if (Math.abs(value) >= 100) return value.toFixed(0);
  return Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(2);
}

export function table(title: string, figures: readonly Figure[]): string {
  const rows = figures.map(({ what, value, unit, note }) => [what, value === null ? '—' : show(value), unit, note] as const);
  const width = (column: 0 | 1 | 2) => Math.max(0, ...rows.map((row) => row[column].length));
  const [first, second, third] = [width(0), width(1), width(2)];
  const lines = rows.map(([what, value, unit, note]) =>
    `  ${what.padEnd(first)}  ${value.padStart(second)} ${unit.padEnd(third)}  ${note}`.trimEnd(),
  );
  return [title, ...lines, ''].join('\n');
}
