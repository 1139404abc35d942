import type { Readable } from 'node:stream';
import { sanitiseLine } from '../sanitise.ts';
import { Lines } from './lines.ts';

/** A build may say millions of lines; the last ones tell why it failed. */
const KEPT_LINES = 200;

export interface EngineOutput {
  /** The last of what it said, sanitised line by line. */
  readonly lines: readonly string[];
  /** Content id of what was built; null when it does not say. */
  readonly image: string | null;
  /** Why it failed, in its own words; null when it did not. */
  readonly error: string | null;
}

/** Reads what the engine says while it builds or pulls: one JSON object per line. @param onLine called with each line of text as it comes. */
export async function readOutput(stream: Readable, onLine: (line: string) => void): Promise<EngineOutput> {
  const cutter = new Lines();
  const lines: string[] = [];
  let error: string | null = null;
  let image: string | null = null;
  for await (const chunk of stream) {
    for (const row of cutter.take(chunk as Buffer)) {
      const said = parseOutput(row);
      error ??= said.error;
      // Every stage has one; the last is the one that was asked for.
      image = said.image ?? image;
      for (const line of said.text) onLine(line);
      lines.push(...said.text);
      lines.splice(0, lines.length - KEPT_LINES);
    }
  }
  return { lines, image, error };
}

/** Tells which steps of a build are really done, not taken from the cache. */
export class Steps {
  #last: string | null = null;

  /** The step that `line` shows to be under way; null when it shows none. */
  begun(line: string): string | null {
    const step = this.#last;
    this.#last = /^Step \d+\/\d+ : (?!FROM |ARG ).*/.exec(line)?.[0] ?? null;
    return step === null || line.includes('---> Using cache') ? null : step;
  }
}

export function parseOutput(row: string): {
  readonly text: readonly string[];
  readonly image: string | null;
  readonly error: string | null;
} {
  const said = parseObject(row);
  const text = typeof said['stream'] === 'string' ? said['stream'].split(/\r?\n|\r/) : [];
  const error = typeof said['error'] === 'string' ? sanitiseLine(said['error'].trim(), []) : null;
  const id = objectOf(said['aux'])['ID'];
  const image = typeof id === 'string' ? id : null;
  return { text: text.map((line) => sanitiseLine(line, []).trimEnd()).filter((line) => line !== ''), image, error };
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function parseObject(line: string): Readonly<Record<string, unknown>> {
  try {
    return objectOf(JSON.parse(line));
  } catch {
    return {}; // a line cut short by the end of the stream
  }
}
