/** How the end of a body is found. `none`: there is no body, whatever the headers say. */
export type Framing =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'until-close' };

const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/;
const DIGITS = /^\d{1,15}$/;
const CHUNKED_LAST = /(?:^|,)[ \t]*chunked$/i;

/** Status line and headers of one answer. */
export class ResponseHead {
  readonly status: number;
  /** Whether the connection may carry another request after it, once the framing allows. */
  readonly persistent: boolean;
  /** Seconds of the server's `Keep-Alive: timeout=`; null when it names none. */
  readonly keepAliveS: number | null;
  /** For a request that is not HEAD. */
  readonly framing: Framing;
  readonly #fields: readonly string[];
  #headers: Readonly<Record<string, string>> | null = null;

  constructor(status: number, fields: readonly string[], facts: Facts) {
    this.status = status;
    this.#fields = fields;
    this.framing = framingOf(status, facts);
    this.persistent = facts.persistent && !(facts.oldVersion && facts.encoding !== null);
    this.keepAliveS = facts.keepAliveS;
  }

  get headers(): Readonly<Record<string, string>> {
    this.#headers ??= record(this.#fields);
    return this.#headers;
  }
}

interface Facts {
  oldVersion: boolean;
  persistent: boolean;
  length: number | null;
  encoding: string | null;
  keepAliveS: number | null;
}

/** Reads a head without the empty line that ends it; a text says what is wrong with it. */
export function parseHead(text: string): ResponseHead | string {
  const lines = text.split('\r\n');
  const status = STATUS_LINE.exec(lines[0] ?? '');
  if (status === null) return 'the status line is malformed';
  const oldVersion = status[1] === '0';
  const facts: Facts = { oldVersion, persistent: !oldVersion, length: null, encoding: null, keepAliveS: null };
  const fields: string[] = [];
  for (let index = 1; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(0, colon));
    const value = trimmed(line, colon + 1);
    if (!NAME.test(name) || !VALUE.test(value)) return 'a header line is malformed';
    const key = name.toLowerCase();
    fields.push(key, value);
    const problem = note(facts, key, value);
    if (problem !== null) return problem;
  }
  if (facts.encoding !== null && facts.length !== null) return 'it has both a content length and a transfer encoding';
  return new ResponseHead(Number(status[2]), fields, facts);
}

/** Whether a line is `name: value` and nothing else; continued lines are refused. */
export function isFieldLine(line: string): boolean {
  const colon = line.indexOf(':');
  return colon > 0 && NAME.test(line.slice(0, colon)) && VALUE.test(line.slice(colon + 1));
}

function note(facts: Facts, key: string, value: string): string | null {
  switch (key) {
    case 'content-length':
      if (!DIGITS.test(value)) return 'the content length is no number';
      if (facts.length !== null) return 'it has more than one content length';
      facts.length = Number(value);
      return null;
    case 'transfer-encoding':
      facts.encoding = facts.encoding === null ? value : `${facts.encoding}, ${value}`;
      return null;
    case 'connection':
      noteConnection(facts, value);
      return null;
    case 'keep-alive':
      facts.keepAliveS = timeoutIn(value);
      return null;
    default:
      return null;
  }
}

function noteConnection(facts: Facts, value: string): void {
  const options = value.toLowerCase();
  if (hasOption(options, 'close')) facts.persistent = false;
  else if (facts.oldVersion && hasOption(options, 'keep-alive')) facts.persistent = true;
}

function hasOption(list: string, name: string): boolean {
  return list === name || list.split(',').some((option) => option.trim() === name);
}

function timeoutIn(value: string): number | null {
  const seconds = /(?:^|[\s,;])timeout=(\d{1,9})/i.exec(value)?.[1];
  return seconds === undefined ? null : Number(seconds);
}

/** RFC 9112, 6.3. */
function framingOf(status: number, { length, encoding }: Facts): Framing {
  if (status < 200 || status === 204 || status === 304) return { kind: 'none' };
  if (encoding !== null) return CHUNKED_LAST.test(encoding) ? { kind: 'chunked' } : { kind: 'until-close' };
  return length === null ? { kind: 'until-close' } : { kind: 'length', bytes: length };
}

/** Without the blanks and tabs around a value, and no others. */
function trimmed(line: string, from: number): string {
  let start = from;
  let end = line.length;
  while (start < end && isBlank(line.charCodeAt(start))) start += 1;
  while (end > start && isBlank(line.charCodeAt(end - 1))) end -= 1;
  return line.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function record(fields: readonly string[]): Readonly<Record<string, string>> {
  const headers = new Map<string, string>();
  for (let index = 0; index < fields.length; index += 2) {
    const [name = '', value = ''] = [fields[index], fields[index + 1]];
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return Object.fromEntries(headers);
}
