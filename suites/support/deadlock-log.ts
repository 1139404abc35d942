import { shapeOf } from './statement-counts.ts';

/** A deadlock as the log of Postgres tells it: what each of those that waited for each other was asking. */
export interface LoggedDeadlock {
  readonly statements: readonly string[];
}

const FOUND = 'deadlock detected';
const PROCESS = /^\s*(?:.*DETAIL:\s+)?Process (\d+)(: | waits for )(.*)$/;
/** A line of a message goes on where the next one begins with a tab or is indented; JSON logs have one line per message. */
const GOES_ON = /^\s/;

/** Deadlocks in lines of the log, in their order; plain and JSON format. */
export function deadlocksIn(lines: readonly string[]): readonly LoggedDeadlock[] {
  return lines.flatMap((line, index) => {
    if (!line.includes(FOUND)) return [];
    const json = jsonOf(line);
    if (json !== null)
      return textOf(json['message']).startsWith(FOUND) ? [{ statements: statementsIn(textOf(json['detail']).split('\n')) }] : [];
    return /ERROR:\s+deadlock detected/.test(line) ? [{ statements: statementsIn(detailAfter(lines.slice(index + 1))) }] : [];
  });
}

/** How often a transaction was given up because another one had been first (40001). */
export function serializationFailuresIn(lines: readonly string[]): number {
  return lines.filter((line) => /(?:ERROR:\s+|"message":\s*")could not serialize access/.test(line)).length;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function jsonOf(line: string): Readonly<Record<string, unknown>> | null {
  if (!line.trimStart().startsWith('{')) return null;
  try {
    return JSON.parse(line) as Readonly<Record<string, unknown>>;
  } catch {
    return null; // a plain line that begins with a brace
  }
}

/** The detail follows its error, unless another process wrote in between; it goes on in indented lines. */
function detailAfter(lines: readonly string[]): readonly string[] {
  const start = lines.findIndex((line) => /DETAIL:\s+Process \d+ waits for/.test(line));
  const next = lines.findIndex((line) => /ERROR:\s+deadlock detected/.test(line));
  if (start === -1 || (next !== -1 && next < start)) return [];
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => !GOES_ON.test(line));
  return [lines[start] ?? '', ...rest.slice(0, end === -1 ? rest.length : end)];
}

function statementsIn(detail: readonly string[]): readonly string[] {
  const byProcess = new Map<string, string>();
  let current: string | null = null;
  for (const line of detail) {
    const [, process, kind, text] = PROCESS.exec(line) ?? [];
    if (process !== undefined) current = kind === ': ' ? process : null;
    if (current === null) continue;
    byProcess.set(current, process === undefined ? `${byProcess.get(current) ?? ''} ${line.trim()}` : (text ?? ''));
  }
  return [...byProcess.values()].map(shapeOf);
}
