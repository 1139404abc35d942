type Fields = Readonly<Record<string, unknown>>;

/**
 * Context in fewer tokens: a list of records becomes a table that names its columns once, what is empty and what was said before is
 * left out, and text keeps its quotes only where a reader needs them. Nothing else is lost.
 */
export function packContext(context: unknown): string {
  return isFields(context) ? packFields(context).join('\n') : packValue(context);
}

function packFields(fields: Fields): readonly string[] {
  return Object.entries(fields).flatMap(([name, value]) => {
    if (isEmpty(value)) return [];
    const records = recordsOf(value);
    return records === null ? [`${name}: ${packValue(value)}`] : packTable(name, records);
  });
}

/** What is the same in all records stands once above them. */
function packTable(name: string, records: readonly Fields[]): readonly string[] {
  const filled = new Set(records.flatMap((record) => Object.keys(record).filter((column) => !isEmpty(record[column]))));
  const cells = (column: string): readonly string[] => records.map((record) => packCell(record[column]));
  const isCommon = (column: string): boolean => new Set(cells(column)).size === 1;
  const [common, columns] = [[...filled].filter(isCommon), [...filled].filter((column) => !isCommon(column))];
  const shared = common.map((column) => `${column}=${packCell(records[0]?.[column])}`);
  const rows = new Set(records.map((record) => columns.map((column) => packCell(record[column])).join(',')));
  const head = [`${name} (${records.length})`, ...(shared.length === 0 ? [] : [`all ${shared.join(', ')}`])].join(', ');
  return columns.length === 0 ? [head] : [`${head}: ${columns.join(',')}`, ...rows];
}

function packCell(value: unknown): string {
  if (isEmpty(value)) return '';
  return typeof value === 'string' && !/[",\n]/u.test(value) ? value : JSON.stringify(value);
}

function packValue(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
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

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}
