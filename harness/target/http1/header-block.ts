import { MusterError } from '../../model/errors.ts';

/** Headers checked and written out once, for any number of requests; made by `headerBlock`. */
export interface HeaderBlock {
  readonly entries: Readonly<Record<string, string>>;
  /** `name: value\r\n` each. */
  readonly text: string;
  /** Whether it is the same in UTF-8 and Latin-1. */
  readonly ascii: boolean;
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const PATH = /^[\x21-\xff]+$/;
const NOT_ASCII = /[^\0-\x7f]/;
/** What the client writes itself: framing and connection are not the caller's. */
const OWN = new Set(['host', 'content-length', 'transfer-encoding', 'connection', 'keep-alive', 'upgrade', 'expect']);

/** @throws MusterError MUSTER_INVALID_REQUEST (config) for what HTTP cannot carry, or what the client writes itself. */
export function headerBlock(headers: Readonly<Record<string, string>>): HeaderBlock {
  const lines = Object.entries(headers).map(([name, value]) => {
    if (!TOKEN.test(name) || !VALUE.test(value))
      throw invalidRequest(`the header ${JSON.stringify(name)} has a name or value HTTP cannot carry`);
    if (OWN.has(name.toLowerCase())) throw invalidRequest(`the header ${name} is written by Muster itself`);
    return `${name}: ${value}\r\n`;
  });
  const text = lines.join('');
  return { entries: headers, text, ascii: !NOT_ASCII.test(text) };
}

/** @throws MusterError MUSTER_INVALID_REQUEST (config) */
export function requireSendable(method: string, path: string): void {
  if (!TOKEN.test(method) || method === 'CONNECT') throw invalidRequest(`${JSON.stringify(method)} is no method it can send`);
  if (!path.startsWith('/') || !PATH.test(path)) throw invalidRequest(`${JSON.stringify(path)} is no path HTTP can carry`);
}

export function isAscii(text: string): boolean {
  return !NOT_ASCII.test(text);
}

export function invalidRequest(problem: string, cause?: unknown): MusterError {
  return new MusterError(`A request cannot be sent: ${problem}.`, {
    code: 'MUSTER_INVALID_REQUEST',
    blame: 'config',
    hint: 'Correct method, path or headers of the binding.',
    ...(cause !== undefined && { cause }),
  });
}
