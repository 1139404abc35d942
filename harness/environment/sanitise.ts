// Escape sequences, then everything a terminal or a reader could be misled by: controls (tab stays), bidi and invisible marks.
// oxlint-disable-next-line no-control-regex
const ESCAPES = /\u001B(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)?|[@-Z\\-_])/g;
// oxlint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u0008\u000A-\u001F\u007F-\u009F\u061C\u200B-\u200F\u2028-\u202E\u2060-\u2069\uFEFF]/g;

const HIDDEN = '[redacted]';
const SECRET_PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/(:\/\/[^\s:/@]*:)[^\s@/]+(@)/g, `$1${HIDDEN}$2`],
  [/(\b(?:bearer|basic)\s+)[\w.~+/=-]{6,}/gi, `$1${HIDDEN}`],
  [/((?:pass(?:word|wd)?|secret|token|api[_-]?key|authorization)["']?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s,;&}]+)/gi, `$1${HIDDEN}`],
];

const LINE_LIMIT = 1_000;

/** One line as it may be shown and stored: no escape sequences or invisible marks, no secrets, at most 1000 characters. */
export function sanitiseLine(line: string, secrets: readonly string[]): string {
  let clean = line.replace(ESCAPES, '').replace(CONTROLS, '');
  for (const secret of secrets) if (secret !== '') clean = clean.replaceAll(secret, HIDDEN);
  for (const [pattern, replacement] of SECRET_PATTERNS) clean = clean.replace(pattern, replacement);
  return clean.length > LINE_LIMIT ? `${clean.slice(0, LINE_LIMIT)}…` : clean;
}
