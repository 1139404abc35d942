import { asObject } from './json.ts';
import type { Operation } from './document.ts';

/** Ids of what was made so far, to be named in further requests: of what others made nothing is touched. */
export interface Things {
  /** Remembers what the answer to a request that made something tells of. */
  learn(operation: Pick<Operation, 'method' | 'path'>, json: unknown): void;
  /** What can stand for a parameter of a path, newest last. */
  forParameter(path: string, name: string): readonly string[];
}

const MOST = 8;
/** What a target answers with may not fill our memory; no id is that long. */
const MOST_KEYS = 2_000;
const LONGEST = 500;

export function createThings(): Things {
  const values = new Map<string, string[]>();
  const add = (key: string, value: unknown): void => {
    const text = typeof value === 'number' ? String(value) : value;
    if (typeof text !== 'string' || text === '' || text.length > LONGEST) return;
    if (!values.has(key) && values.size >= MOST_KEYS) return;
    values.set(key, [...(values.get(key) ?? []).filter((other) => other !== text), text].slice(-MOST));
  };
  return {
    learn: ({ method, path }, json) => {
      if (method !== 'POST') return;
      const noun = nounBefore(path, path.length);
      for (const [field, value] of Object.entries(asObject(json))) {
        if (noun !== null) add(`${noun}.${field}`, value);
        const owner = /^(.+)_?id$/i.exec(field)?.[1]?.replace(/_$/, '').toLowerCase();
        if (owner !== undefined) add(`${owner}.id`, value);
      }
    },
    forParameter: (path, name) => {
      const noun = nounBefore(path, path.indexOf(`{${name}}`));
      const owner = /^(.+?)_?id$/i.exec(name)?.[1]?.toLowerCase();
      const keys = [`${noun}.${name}`, `${noun}.id`, `${noun}.${noun}_id`, `${owner ?? name}.id`, `${noun}.name`];
      return keys.map((key) => values.get(key)).find((found) => found !== undefined) ?? [];
    },
  };
}

/** What the collection before a place of a path holds: `agent` for `/api/agents/{id}` and `/api/agents`; null right after a parameter. */
function nounBefore(path: string, end: number): string | null {
  const last = path
    .slice(0, end)
    .split('/')
    .findLast((segment) => segment !== '');
  if (last === undefined || last.startsWith('{')) return null;
  return last
    .replace(/ies$/, 'y')
    .replace(/(?<!s)s$/, '')
    .toLowerCase();
}
