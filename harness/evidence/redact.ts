import { replaceAddressSecrets } from '../model/address-secrets.ts';

/** Shorter values are not secrets worth hiding, and replacing them would garble everything else. */
const MIN_SECRET_LENGTH = 4;
const HIDDEN = '[redacted]';

/**
 * A deep copy of plain data in which every occurrence of a secret in a string, and every secret within an address, is replaced. Keys are left alone, and so are
 * strings in `names`: ids that are ours, whatever somebody chose as a password.
 */
export function redactDeep<T>(value: T, secrets: ReadonlySet<string>, names: ReadonlySet<string> = new Set()): T {
  const hidden = [...secrets].filter((secret) => secret.length >= MIN_SECRET_LENGTH).toSorted((a, b) => b.length - a.length);
  return copy(value, { hidden, names }) as T;
}

interface Redaction {
  readonly hidden: readonly string[];
  readonly names: ReadonlySet<string>;
}

function copy(value: unknown, redaction: Redaction): unknown {
  if (typeof value === 'string') return redaction.names.has(value) ? value : withoutSecrets(value, redaction.hidden);
  if (Array.isArray(value)) return value.map((item) => copy(item, redaction));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copy(item, redaction)]));
}

function withoutSecrets(value: string, hidden: readonly string[]): string {
  const clean = hidden.reduce((text, secret) => text.replaceAll(secret, HIDDEN), value);
  return replaceAddressSecrets(clean, () => HIDDEN);
}
