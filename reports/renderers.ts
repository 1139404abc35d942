import type { RunRecord } from '../harness/model/record.ts';
import { renderHtml } from './html/page.ts';
import { renderJson } from './json.ts';
import { renderJunit } from './junit.ts';
import { renderSummary } from './summary.ts';

export interface Renderer {
  readonly fileName: string;
  /** Pure: the same record gives the same bytes; no clock, environment or files. */
  readonly render: (record: RunRecord) => string;
}

/** Every report format: one file and one row. `json` is the record itself; the others can be rendered again from it. */
export const RENDERERS = {
  html: { fileName: 'index.html', render: renderHtml },
  junit: { fileName: 'junit.xml', render: renderJunit },
  markdown: { fileName: 'summary.md', render: renderSummary },
  json: { fileName: 'report.json', render: renderJson },
} as const satisfies Record<string, Renderer>;

export type ReportFormat = keyof typeof RENDERERS;

/** Renders every format; file name → content. Throws what a renderer throws. */
export function renderAll(record: RunRecord): ReadonlyMap<string, string> {
  return new Map(Object.values(RENDERERS).map(({ fileName, render }) => [fileName, render(record)]));
}
