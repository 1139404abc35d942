const SECRET_NAME = /passw(?:or)?d|passphrase|[._-]pass$|pwd|token(?!s)|secret|credential|[._-]key$|auth(?:orization)?$|cookie/i;
const SECRET_CAMEL = /[a-z]Key$/;
const CARRIERS = new Set(['env', 'headers']);
const URL_PASSWORD = /([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:)[^\s@]*@/gi;

/** What is printed and hashed instead of a secret. */
export const REDACTED = '[redacted]';

/** Whether an environment variable or a key of this name usually holds a secret. `tokens` and a plain `key` do not: bindings use them. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) || SECRET_CAMEL.test(name);
}

/** Whether the value at this path is to be hidden; within `env` and `headers` a plain `key` is one, too. */
export function isSecretPath(path: readonly PropertyKey[]): boolean {
  const last = String(path.at(-1) ?? '');
  return isSecretName(last) || (/^(?:.*key|tokens)$/i.test(last) && path.some((part) => CARRIERS.has(String(part))));
}

/** Removes the given secret values and every password within a URL. */
export function redactText(text: string, secrets: ReadonlySet<string>): string {
  let clean = text;
  for (const secret of [...secrets].toSorted((a, b) => b.length - a.length)) clean = clean.replaceAll(secret, REDACTED);
  return clean.replace(URL_PASSWORD, `$1${REDACTED}@`);
}

/** A copy without secrets: values at secret-looking paths, the given values, and passwords in URLs. */
export function withoutSecrets(value: unknown, secrets: ReadonlySet<string>, path: readonly string[] = []): unknown {
  if (typeof value === 'string') return isSecretPath(path) ? REDACTED : redactText(value, secrets);
  if (Array.isArray(value)) return value.map((item: unknown) => withoutSecrets(item, secrets, path));
  if (typeof value !== 'object' || value === null) return value;
  const entries: [string, unknown][] = Object.entries(value);
  return Object.fromEntries(entries.map(([name, item]) => [name, withoutSecrets(item, secrets, [...path, name])]));
}
