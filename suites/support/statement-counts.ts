/** What pg_stat_statements has counted of one statement up to a moment. Times are milliseconds. */
export interface StatementCount {
  readonly id: string;
  readonly text: string;
  readonly calls: number;
  readonly totalMs: number;
  readonly rows: number;
  /** Blocks of tables and indexes that were looked at, from the cache or not. */
  readonly blocks: number;
  /** Blocks written to temporary files. */
  readonly tempBlocks: number;
}

export type Counts = ReadonlyMap<string, StatementCount>;

const NOTHING = { calls: 0, totalMs: 0, rows: 0, blocks: 0, tempBlocks: 0 };

/** What came between two looks; statements that were not called are left out. */
export function countsBetween(before: Counts, after: Counts): Counts {
  const between = new Map<string, StatementCount>();
  for (const [id, now] of after) {
    const then = before.get(id) ?? NOTHING;
    const calls = now.calls - then.calls;
    if (calls <= 0) continue;
    between.set(id, {
      ...now,
      calls,
      totalMs: now.totalMs - then.totalMs,
      rows: now.rows - then.rows,
      blocks: now.blocks - then.blocks,
      tempBlocks: now.tempBlocks - then.tempBlocks,
    });
  }
  return between;
}

/**
 * What the same request costs each time, from several looks at one of it: the least of each statement. What others do meanwhile (polls, clean-up)
 * only ever adds, and not every time.
 */
export function leastOf(windows: readonly Counts[]): Counts {
  const [first, ...rest] = windows;
  const least = new Map(first ?? []);
  for (const window of rest) {
    for (const [id, known] of least) {
      const other = window.get(id);
      if (other === undefined) least.delete(id);
      else least.set(id, lessOf(known, other));
    }
  }
  return least;
}

function lessOf(one: StatementCount, other: StatementCount): StatementCount {
  return {
    ...one,
    calls: Math.min(one.calls, other.calls),
    totalMs: Math.min(one.totalMs, other.totalMs),
    rows: Math.min(one.rows, other.rows),
    blocks: Math.min(one.blocks, other.blocks),
    tempBlocks: Math.min(one.tempBlocks, other.tempBlocks),
  };
}

export function sumOf(counts: Counts, field: 'calls' | 'blocks' | 'tempBlocks' | 'rows'): number {
  return [...counts.values()].reduce((sum, count) => sum + count[field], 0);
}

/** One answer of a list and what it cost. */
export interface Cost {
  readonly rows: number;
  readonly counts: Counts;
}

export interface Growth {
  /** Calls per row; the text of the statement, or null for all of them together. */
  readonly slope: number;
  readonly text: string | null;
  /** The calls at each size, in the order of the costs. */
  readonly calls: readonly number[];
}

/** How the calls grow with the rows: of each statement and of all together, the steepest first. */
export function growthOf(costs: readonly Cost[]): readonly Growth[] {
  const texts = new Map(costs.flatMap(({ counts }) => [...counts].map(([id, { text }]) => [id, text] as const)));
  const rows = costs.map((cost) => cost.rows);
  const each = [...texts].map(([id, text]) => growth(rows, text, (counts) => counts.get(id)?.calls ?? 0));
  const all = growth(rows, null, (counts) => sumOf(counts, 'calls'));
  return [...each, all].toSorted((one, other) => other.slope - one.slope || Number(one.text === null) - Number(other.text === null));

  function growth(sizes: readonly number[], text: string | null, callsIn: (counts: Counts) => number): Growth {
    const calls = costs.map(({ counts }) => callsIn(counts));
    return { text, calls, slope: slopeOf(sizes, calls) };
  }
}

/** Of the straight line that fits best; 0 when all sizes are one. */
export function slopeOf(x: readonly number[], y: readonly number[]): number {
  const [meanX, meanY] = [meanOf(x), meanOf(y)];
  const spread = x.reduce((sum, value) => sum + (value - meanX) ** 2, 0);
  const together = x.reduce((sum, value, index) => sum + (value - meanX) * ((y[index] ?? meanY) - meanY), 0);
  return spread === 0 ? 0 : together / spread;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

/** Three sizes up to the largest that one list may have, far enough apart for a slope: 5, 20, 80. */
export function sizesUpTo(most: number): readonly [number, number, number] {
  const least = Math.max(1, Math.round(most / 16));
  return [least, Math.max(least + 1, Math.round(most / 4)), most];
}

const SHOWN = 160;

/** A statement as one short line without its values: they are somebody's data. It may have been cut off within one. */
export function shapeOf(sql: string): string {
  const shape = sql
    .replaceAll(/\/\*.*?\*\//gs, ' ')
    .replaceAll(/(\$(?:[a-z_]\w*)?\$).*?(?:\1|$)/gis, '?')
    .replaceAll(/\be'(?:[^'\\]|''|\\.)*(?:'|$)/gis, '?')
    .replaceAll(/'(?:[^']|'')*(?:'|$)/g, '?')
    .replaceAll(/(?<![\w$.])\d+(?:\.\d+)?\b/g, '?')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return shape.length > SHOWN ? `${shape.slice(0, SHOWN)} …` : shape;
}
