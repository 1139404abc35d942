import { replaceAddressSecrets } from '../model/address-secrets.ts';
import { isSecretPath } from '../model/secret-names.ts';

/** What is printed and hashed instead of a secret. */
export const REDACTED = '[redacted]';

/** Removes the given secret values and every secret within an address. */
export function redactText(text: string, secrets: ReadonlySet<string>): string {
  let clean = text;
  for (const secret of [...secrets].toSorted((a, b) => b.length - a.length)) clean = clean.replaceAll(secret, REDACTED);
  return replaceAddressSecrets(clean, () => REDACTED);
}

/** A copy without secrets: values at secret-looking paths, the given values, and secrets in addresses. */
export function withoutSecrets(value: unknown, secrets: ReadonlySet<string>, path: readonly string[] = []): unknown {
  if (typeof value === 'string') return isSecretPath(path) ? REDACTED : redactText(value, secrets);
  if (Array.isArray(value)) return value.map((item: unknown) => withoutSecrets(item, secrets, path));
  if (typeof value !== 'object' || value === null) return value;
  const entries: [string, unknown][] = Object.entries(value);
  return Object.fromEntries(entries.map(([name, item]) => [name, withoutSecrets(item, secrets, [...path, name])]));
}
