import { readFile } from 'node:fs/promises';
import { extname, isAbsolute, relative } from 'node:path';
import { LineCounter, parseDocument, type Document } from 'yaml';
import { messageOf } from '../model/errors.ts';
import type { Source } from './finding.ts';
import { loadScript, SCRIPT_EXTENSIONS } from './load-script.ts';
import { type ConfigContext, syntaxError } from './script-context.ts';

/**
 * Reads a config or target file of any accepted kind.
 * @throws MusterError MUSTER_CONFIG_SYNTAX with file, line and the line itself when it cannot be parsed.
 */
export async function readSource(file: string, cwd: string, context: ConfigContext): Promise<Source> {
  const label = labelOf(file, cwd);
  if (SCRIPT_EXTENSIONS.includes(extname(file))) return { label, value: await loadScript(file, label, context), lineOf: () => null };
  const text = await readFile(file, 'utf8');
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: true, prettyErrors: true });
  const [error] = document.errors;
  if (error !== undefined) throw syntaxError(`${label}:${error.linePos?.[0].line ?? 1}`, error.message, error);
  return { label, value: toValue(document, label), lineOf: (path) => lineOf(document, lines, path) };
}

/** The path as a user would write it: relative when it lies below `cwd`. */
export function labelOf(file: string, cwd: string): string {
  const short = relative(cwd, file);
  return short === '' || short.startsWith('..') || isAbsolute(short) ? file : short;
}

function toValue(document: Document.Parsed, label: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw syntaxError(label, messageOf(error), error);
  }
}

/** Line of the deepest part of `path` that is written in the file. */
function lineOf(document: Document.Parsed, lines: LineCounter, path: readonly string[]): number | null {
  for (let length = path.length; length > 0; length -= 1) {
    const node: unknown = document.getIn(path.slice(0, length), true);
    const offset = offsetOf(node);
    if (offset !== null) return lines.linePos(offset).line;
  }
  return null;
}

function offsetOf(node: unknown): number | null {
  if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range)) return null;
  const [start] = node.range as readonly unknown[];
  return typeof start === 'number' ? start : null;
}
