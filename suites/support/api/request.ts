/** One request as it goes over the wire. */
export interface ApiRequest {
  readonly method: string;
  /** With the query, encoded. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** As it goes over the wire: also halves of surrogate pairs, which `encodeURIComponent` refuses. */
export function encoded(text: string): string {
  return encodeURIComponent(Buffer.from(text, 'utf8').toString('utf8'));
}

/** Nothing a header cannot carry; what was more is left out. */
export function headerText(text: string): string {
  return text
    .replaceAll(/[^\t\x20-\x7e]/gu, '')
    .trim()
    .slice(0, 2_000);
}

const LONGEST = 1_500;

/** The request as a line for a shell; the values of secret headers do not stand in it. */
export function curlOf(url: string, { method, path, headers, body }: ApiRequest, secret: readonly string[]): string {
  const hidden = new Set(secret.map((name) => name.toLowerCase()));
  const fields = Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${hidden.has(name.toLowerCase()) ? '…' : value}`)}`);
  const data = body === null ? [] : [`--data-binary ${quoted(shortened(body))}`];
  return ['curl -sS --path-as-is -X', method, ...fields, ...data, quoted(shortened(`${url.replace(/\/$/, '')}${path}`))].join(' ');
}

function shortened(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}… (${text.length} characters)`;
}

/** For bash; what does not print is written as an escape. */
function quoted(text: string): string {
  // eslint-disable-next-line no-control-regex
  if (!/[\x00-\x1f\x7f]/.test(text)) return `'${text.replaceAll("'", `'\\''`)}'`;
  const escaped = text.replaceAll('\\', '\\\\').replaceAll("'", "\\'");
  // eslint-disable-next-line no-control-regex
  return `$'${escaped.replaceAll(/[\x00-\x1f\x7f]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)}'`;
}
