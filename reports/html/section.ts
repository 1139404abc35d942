import type { RunRecord } from '../../harness/model/record.ts';
import type { Markup } from './markup.ts';

/** How much of a long record is shown; the page takes the first of these that keeps it under its size limit. */
export interface Limits {
  /** Characters of one sentence of the record. */
  readonly textLength: number;
  readonly witnesses: number;
  readonly logLines: number;
  readonly logLineLength: number;
  readonly charts: number;
}

export const LIMITS: readonly [Limits, ...Limits[]] = [
  { textLength: 800, witnesses: 12, logLines: 200, logLineLength: 600, charts: 40 },
  { textLength: 240, witnesses: 3, logLines: 40, logLineLength: 240, charts: 16 },
  { textLength: 80, witnesses: 1, logLines: 5, logLineLength: 120, charts: 4 },
  { textLength: 20, witnesses: 0, logLines: 1, logLineLength: 40, charts: 0 },
];

export interface Section {
  readonly id: string;
  readonly title: string;
  /** The content under the heading; null leaves the section out. */
  readonly render: (record: RunRecord, limits: Limits) => Markup | null;
  readonly className?: string;
}
