import type { Json, Operation } from './document.ts';

/** Names, ids and other fields of what was made so far, to be named in further requests. */
export interface KnownThings {
  /** Remembers what an answer tells of. */
  learn(operation: Pick<Operation, 'method' | 'path'>, body: unknown): void;
  /** What can stand for a path parameter, newest last. */
  forParameter(path: string, name: string): readonly string[];
  /** What a property of a body can refer to. */
  forProperty(name: string): readonly string[];
}

const MOST = 50;
/** Where a name does not say what it refers to: parameters by path and name, properties by name. The rest follows from the names. */
const REFERS_TO: Readonly<Record<string, string>> = {
  from_agent: 'agent.id',
  to_agent: 'agent.id',
  agent: 'agent.id',
  to_budget: 'budget.id',
  '/api/v1/streams/{name}': 'message.stream',
};

export function createKnownThings(): KnownThings {
  const values = new Map<string, string[]>();
  const add = (key: string, value: unknown): void => {
    if (typeof value !== 'string' || value === '') return;
    const others = (values.get(key) ?? []).filter((other) => other !== value);
    values.set(key, [...others, value].slice(-MOST));
  };
  const learnThing = (noun: string | null, thing: Json): void => {
    for (const [field, value] of Object.entries(thing)) {
      if (noun !== null) add(`${noun}.${field}`, value);
      else if (field.endsWith('_id')) add(`${field.slice(0, -3)}.id`, value);
    }
  };
  const first = (keys: readonly string[]): readonly string[] =>
    keys.map((key) => values.get(key)).find((found) => found !== undefined) ?? [];
  return {
    learn: ({ method, path }, body) => {
      if (typeof body !== 'object' || body === null) return;
      const noun = collectionOf(path);
      learnThing(noun, body as Json);
      const isList = noun !== null && method === 'GET' && !path.includes('{');
      const listed = isList ? Object.values(body).flatMap((value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])) : [];
      for (const item of listed) if (typeof item === 'object' && item !== null) learnThing(noun, item as Json);
    },
    forParameter: (path, name) => {
      const prefix = path.slice(0, path.indexOf(`{${name}}`));
      const noun = collectionOf(prefix) ?? name;
      const listed = REFERS_TO[`${prefix}{${name}}`] ?? REFERS_TO[name] ?? '';
      return first([listed, `${noun}.${name}`, `${noun}.id`, `${noun}.${noun}_id`, `${noun}.operation_id`, `${noun}.name`]);
    },
    forProperty: (name) => first([REFERS_TO[name] ?? '', name.replace(/_(?=[a-z]+$)/, '.')]),
  };
}

/** What a collection holds: `agent` for `/api/v1/agents` and `/api/v1/agents/{id}`; null for what lies below one of them. */
export function collectionOf(path: string): string | null {
  const segments = path.split('/').filter((segment) => segment !== '');
  if (segments.slice(0, -1).some((segment) => segment.startsWith('{'))) return null;
  const last = segments.findLast((segment) => !segment.startsWith('{')) ?? '';
  return last.replace(/ies$/, 'y').replace(/(?<!s)s$/, '');
}
