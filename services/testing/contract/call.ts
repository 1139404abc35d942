import { Agent, request as open, type IncomingHttpHeaders } from 'node:http';

/** One request as it goes over the wire. */
export interface ApiRequest {
  readonly method: string;
  /** With the query, encoded. Sent as it is: nothing tidies it up on the way. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface ApiAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Parsed when it is JSON, else text. */
  readonly body: unknown;
}

/** Everything must be answered within this time. */
export const ANSWER_LIMIT_MS = 5000;

const AGENT = new Agent({ keepAlive: true, maxSockets: 64 });

/** @throws Error when no whole answer came in time. */
export async function call(url: string, sent: ApiRequest): Promise<ApiAnswer> {
  try {
    return await tryOnce(url, sent);
  } catch (error) {
    if (error === CLOSED_UNSEEN) return call(url, sent);
    throw error;
  }
}

/** The server closed a kept connection while the request was on its way: it saw nothing of it. */
const CLOSED_UNSEEN = new Error('the connection was closed before it was used again');

function tryOnce(url: string, sent: ApiRequest): Promise<ApiAnswer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const signal = AbortSignal.timeout(ANSWER_LIMIT_MS);
    const headers = sent.body === undefined ? sent.headers : { ...sent.headers, 'content-length': String(Buffer.byteLength(sent.body)) };
    const request = open({ hostname, port, method: sent.method, path: sent.target, headers, agent: AGENT, signal }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const body = bodyOf(Buffer.concat(chunks).toString('utf8'), response.headers['content-type'] ?? '');
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
      });
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      if (request.reusedSocket && error.code === 'ECONNRESET') reject(CLOSED_UNSEEN);
      else reject(signal.aborted ? new Error(`no answer within ${ANSWER_LIMIT_MS} ms`, { cause: error }) : error);
    });
    request.end(sent.body);
  });
}

function bodyOf(text: string, type: string): unknown {
  return type.startsWith('application/json') && text !== '' ? (JSON.parse(text) as unknown) : text;
}

/** The request as a line for a shell. */
export function curlOf(url: string, { method, target, headers, body }: ApiRequest): string {
  const fields = Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`);
  const data =
    body === undefined
      ? []
      : [typeof body === 'string' ? `--data-binary ${quoted(body)}` : `--data-binary @<(printf ${quoted(escaped(body))})`];
  return ['curl -sS --path-as-is -X', method, ...fields, ...data, quoted(`${url}${target}`)].join(' ');
}

/** Bytes as a line for a shell that sends them. */
export function netcatOf(url: string, bytes: Uint8Array): string {
  const { hostname, port } = new URL(url);
  return `printf ${quoted(escaped(bytes))} | nc -w 5 ${hostname} ${port}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** As printf takes them. */
function escaped(bytes: Uint8Array): string {
  return [...bytes]
    .map((byte) =>
      byte >= 0x20 && byte < 0x7f && byte !== 0x5c && byte !== 0x25
        ? String.fromCharCode(byte)
        : `\\x${byte.toString(16).padStart(2, '0')}`,
    )
    .join('');
}
