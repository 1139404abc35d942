import type { LoadTask } from './load-task.ts';
import { MusterError } from '../model/errors.ts';

export const SECRET_MISSING = 'MUSTER_SECRET_MISSING';

const REFERENCE = /\$\{secret:([A-Za-z0-9_]+)\}/gu;

/** What stands for a secret in a task that leaves this machine. */
export function referenceTo(name: string): string {
  return `\${secret:${name}}`;
}

/** A copy of plain data with every text changed. */
export function mapTexts(value: unknown, change: (text: string, path: readonly string[]) => string, path: readonly string[] = []): unknown {
  if (typeof value === 'string') return change(value, path);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change, path));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapTexts(item, change, [...path, key])]));
}

export interface Filled<T> {
  readonly value: T;
  /** What was put in: never to be said back. */
  readonly secrets: ReadonlySet<string>;
}

/**
 * Puts the secrets of this machine's environment in the place of their references: of `MUSTER_SECRET_<name>`, or of `<name>` itself.
 * @throws MusterError MUSTER_SECRET_MISSING with all that are not there.
 */
export function fillReferences<T>(value: T, env: Readonly<Record<string, string | undefined>>): Filled<T> {
  const secrets = new Set<string>();
  const missing = new Set<string>();
  const filled = mapTexts(value, (text) =>
    text.replace(REFERENCE, (reference, name: string) => {
      const secret = env[`MUSTER_SECRET_${name}`] ?? env[name];
      if (secret === undefined || secret === '') {
        missing.add(name);
        return reference;
      }
      secrets.add(secret);
      return secret;
    }),
  );
  if (missing.size > 0) throw secretsMissing([...missing]);
  return { value: filled as T, secrets };
}

/**
 * A task with the secrets of this machine. An address of a store is filled when an operation asks for it: a load over HTTP needs no
 * password of a store.
 * @throws MusterError MUSTER_SECRET_MISSING
 */
export function fillTask(task: LoadTask, env: Readonly<Record<string, string | undefined>>): Filled<LoadTask> {
  const { adminUrls, ...rest } = task;
  const { value, secrets } = fillReferences(rest, env);
  const all = new Set(secrets);
  const filled: Record<string, string> = {};
  for (const [service, url] of Object.entries(adminUrls)) {
    if (missingIn(url, env).length > 0) {
      Object.defineProperty(filled, service, { enumerable: false, get: () => fillReferences(url, env).value });
      continue;
    }
    const one = fillReferences(url, env);
    filled[service] = one.value;
    for (const secret of one.secrets) all.add(secret);
  }
  return { value: { ...value, adminUrls: filled }, secrets: all };
}

function missingIn(text: string, env: Readonly<Record<string, string | undefined>>): readonly string[] {
  return [...text.matchAll(REFERENCE)].flatMap(([, name = '']) => ((env[`MUSTER_SECRET_${name}`] ?? env[name] ?? '') === '' ? [name] : []));
}

/** A copy of plain data in which the secrets are not readable: for what a worker says back. */
export function withoutSecrets<T>(value: T, secrets: ReadonlySet<string>): T {
  if (secrets.size === 0) return value;
  const longestFirst = [...secrets].toSorted((a, b) => b.length - a.length);
  return mapTexts(value, (text) => longestFirst.reduce((clean, secret) => clean.replaceAll(secret, '[redacted]'), text)) as T;
}

function secretsMissing(names: readonly string[]): MusterError {
  const variables = names.map((name) => `MUSTER_SECRET_${name}`).join(', ');
  return new MusterError(`The load worker does not have ${names.length === 1 ? 'a secret' : 'secrets'} of the target: ${variables}.`, {
    code: SECRET_MISSING,
    blame: 'environment',
    hint: `Secrets do not travel through the queue. Set ${variables} where the worker runs, and start it again.`,
  });
}
