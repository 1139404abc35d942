type Fields = Readonly<Record<string, unknown>>;

/**
 * Context in fewer tokens: a list of records becomes a table that names its columns once and says once what all records have in common; text
 * keeps its quotes only where a reader could take it for something else. In a table a cell without anything is the same as the one above it.
 * Two contexts are packed alike only when they differ in the order of the keys of records, or in whether a value of the context or of a
 * record is null or absent; nothing else is lost.
 */
export function packContext(context: unknown): string {
  return isFields(context) ? packFields(context).join('\n') : JSON.stringify(context);
}

function packFields(fields: Fields): readonly string[] {
  return Object.entries(fields).flatMap(([name, value]) => {
    if (isAbsent(value)) return [];
    const records = recordsOf(value);
    return records === null ? [`${packName(name)}: ${packText(value, /[\n\r]/u)}`] : packTable(name, records);
  });
}

/** What is the same in all records stands once above them, and the rows are as many as the head says. */
function packTable(name: string, records: readonly Fields[]): readonly string[] {
  const filled = new Set(records.flatMap((record) => Object.keys(record).filter((column) => !isAbsent(record[column]))));
  const table = [...filled].map((column) => ({ column, cells: records.map((record) => packCell(record[column])) }));
  const isCommon = ({ cells }: { readonly cells: readonly string[] }): boolean => new Set(cells).size === 1;
  const shared = table.filter(isCommon).map(({ column, cells }) => `${packName(column)}=${cells[0] ?? ''}`);
  const columns = table.filter((each) => !isCommon(each));
  const head = [`${packName(name)} (${records.length})`, ...(shared.length === 0 ? [] : [`all ${shared.join(', ')}`])].join(', ');
  if (columns.length === 0) return [head];
  const rows = records.map((_, row) => columns.map(({ cells }) => (cells[row] === cells[row - 1] ? '' : cells[row])).join(','));
  return [`${head}: ${columns.map(({ column }) => packName(column)).join(',')}`, ...rows];
}

function packCell(value: unknown): string {
  return isAbsent(value) ? '-' : packText(value, /[",:\n\r]|^-$/u);
}

/** A text as it is, unless something in it would end it, or it would read as a value of another kind. */
function packText(value: unknown, ends: RegExp): string {
  return typeof value === 'string' && !ends.test(value) && !readsAsAnother(value) ? value : JSON.stringify(value);
}

function readsAsAnother(text: string): boolean {
  return text === '' || text !== text.trim() || /^["[{]|^(?:true|false|null)$|^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/iu.test(text);
}

function packName(name: string): string {
  return /^[\p{L}_][\p{L}\p{N}_-]*$/u.test(name) ? name : JSON.stringify(name);
}

/** The elements of a list of two records or more; null for everything else. */
function recordsOf(value: unknown): readonly Fields[] | null {
  if (!Array.isArray(value) || value.length < 2) return null;
  const items: readonly unknown[] = value;
  const records = items.filter(isFields);
  return records.length === items.length ? records : null;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}
