import type { Mistake } from './errors.ts';
import { isSecretPath } from '../model/secret-names.ts';
import { REDACTED, redactText } from './redact.ts';

/** A mistake before it is tied to a file and cleaned of secrets. */
export interface Finding {
  readonly path: readonly string[];
  readonly problem: string;
  readonly allowed?: string;
  readonly suggestion?: string | null;
  /** The offending text when it is not the whole value at `path`; null when nothing is there. */
  readonly shown?: unknown;
}

/** Something the user wrote: a file, a set of variables, the command line. */
export interface Source {
  /** `targets/shop.yaml`; null for variables and flags, whose names are their paths. */
  readonly label: string | null;
  readonly value: unknown;
  /** 1-based line of the value at a path; null when unknown. */
  readonly lineOf: (path: readonly string[]) => number | null;
}

const SHOWN_CHARACTERS = 60;

/** Ties a finding to its source. The value is shortened and hidden when it may be a secret. */
export function mistakeOf(finding: Finding, source: Source, secrets: ReadonlySet<string>): Mistake {
  const shown = 'shown' in finding ? finding.shown : valueAt(source.value, finding.path);
  const line = source.lineOf(finding.path);
  return {
    path: finding.path.join('.'),
    source: source.label === null ? null : `${source.label}${line === null ? '' : `:${line}`}`,
    value: showValue(shown, finding.path, secrets),
    problem: redactText(finding.problem, secrets),
    allowed: finding.allowed ?? null,
    suggestion: finding.suggestion ?? null,
  };
}

/** Value at a path of own properties; undefined when there is none. */
export function valueAt(root: unknown, path: readonly string[]): unknown {
  let current = root;
  for (const key of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, key)) return undefined;
    current = (current as Readonly<Record<string, unknown>>)[key];
  }
  return current;
}

/** The entries of a mapping; none for anything else. */
export function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}

function showValue(value: unknown, path: readonly string[], secrets: ReadonlySet<string>): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint') return `a ${typeof value}`;
  if (typeof value === 'object') return Array.isArray(value) ? 'a list' : 'a mapping';
  if (isSecretPath(path)) return REDACTED;
  const text = redactText(typeof value === 'number' ? value.toString() : JSON.stringify(value), secrets);
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}
