import { fillEnv, type EnvValues } from '../model/template.ts';
import { isSecretName, isSecretPath } from '../model/secret-names.ts';
import type { Finding } from './finding.ts';
import { passwordsIn } from './url-passwords.ts';

/** Keys whose text, when it came from the environment whole, means a number or true/false. */
const TYPED_KEYS = new Set(['port', 'db', 'max', 'agents', 'distinctTexts', 'seed', 'minSamples', 'critical', 'faults']);
const BARE_NAME = /^\$([A-Za-z_]\w*)$/;
/** Shorter values would hide ordinary words all over a message. */
const SHORTEST_SECRET = 4;

export interface Interpolated {
  readonly value: unknown;
  readonly findings: readonly Finding[];
  /** Values from the environment, and passwords within addresses, that must never be printed. What else is written in a file is hidden by its path. */
  readonly secrets: ReadonlySet<string>;
}

/** Fills `${env.NAME}` in every text of a config value; `$NAME` alone is allowed under `subject` and is null when unset. */
export function interpolate(root: unknown, env: EnvValues): Interpolated {
  const findings: Finding[] = [];
  const secrets = new Set<string>();

  const visit = (value: unknown, path: readonly string[]): unknown => {
    if (typeof value === 'string') return visitText(value, path);
    if (Array.isArray(value)) return value.map((item: unknown, index) => visit(item, [...path, String(index)]));
    if (!isPlain(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, visit(item, [...path, key])]));
  };

  const visitText = (text: string, path: readonly string[]): unknown => {
    const bare = path.at(-2) === 'subject' ? BARE_NAME.exec(text)?.[1] : undefined;
    if (bare !== undefined) return env[bare] === undefined || env[bare] === '' ? null : env[bare];
    const filled = fillEnv(text, env);
    for (const name of filled.missing) {
      findings.push({
        path,
        problem: `needs the environment variable ${name}, which is not set`,
        allowed: `set ${name}, or give a default: \${env.${name}:-value}`,
      });
    }
    for (const name of filled.used) if (isSecretName(name) || isSecretPath(path)) remember(env[name]);
    for (const password of passwordsIn(filled.text)) remember(password);
    return filled.text === text ? text : typed(filled.text, path);
  };

  const remember = (secret: string | undefined): void => {
    if (secret !== undefined && secret.length >= SHORTEST_SECRET) secrets.add(secret);
  };

  return { value: visit(root, []), findings, secrets };
}

function typed(text: string, path: readonly string[]): unknown {
  if (!TYPED_KEYS.has(path.at(-1) ?? '')) return text;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  return text === 'true' || text === 'false' ? text === 'true' : text;
}

/** Mappings only: class instances and functions from a config script pass through to the schema, which refuses them. */
function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // A config script may run in another realm, whose Object.prototype is not ours.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
