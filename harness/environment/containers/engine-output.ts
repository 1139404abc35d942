import type { Readable } from 'node:stream';
import { sanitiseLine } from '../sanitise.ts';
import { Lines } from './lines.ts';

export interface EngineOutput {
  /** Everything it said, sanitised line by line. */
  readonly lines: readonly string[];
  /** Why it failed, in its own words; null when it did not. */
  readonly error: string | null;
}

/** Reads what the engine says while it builds or pulls: one JSON object per line. @param onLine called with each line of text as it comes. */
export async function readOutput(stream: Readable, onLine: (line: string) => void): Promise<EngineOutput> {
  const cutter = new Lines();
  const lines: string[] = [];
  let error: string | null = null;
  for await (const chunk of stream) {
    for (const row of cutter.take(chunk as Buffer)) {
      const { text, error: failed } = parseOutput(row);
      error ??= failed;
      for (const line of text) {
        lines.push(line);
        onLine(line);
      }
    }
  }
  return { lines, error };
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

export function parseOutput(row: string): { readonly text: readonly string[]; readonly error: string | null } {
  const said = parseObject(row);
  const text = typeof said['stream'] === 'string' ? said['stream'].split(/\r?\n|\r/) : [];
  const error = typeof said['error'] === 'string' ? sanitiseLine(said['error'].trim(), []) : null;
  return { text: text.map((line) => sanitiseLine(line, []).trimEnd()).filter((line) => line !== ''), error };
}

function parseObject(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {}; // a line cut short by the end of the stream
  }
}
