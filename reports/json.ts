import type { RunRecord } from '../harness/model/record.ts';

/** `report.json`: the record itself, two spaces, one line feed at the end. */
export function renderJson(record: RunRecord): string {
  return `${JSON.stringify(record, null, 2)}\n`;
}
