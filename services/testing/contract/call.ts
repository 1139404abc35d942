/** One request as it goes over the wire. */
export interface ApiRequest {
  readonly method: string;
  /** With the query, encoded. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed when it is JSON, else text. */
  readonly body: unknown;
}

/** Everything must be answered within this time. */
export const ANSWER_LIMIT_MS = 5000;

/** @throws when no answer came in time. */
export async function call(url: string, { method, target, headers, body }: ApiRequest): Promise<ApiAnswer> {
  const response = await fetch(`${url}${target}`, {
    method,
    headers,
    redirect: 'manual',
    signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  const isJson = (response.headers.get('content-type') ?? '').startsWith('application/json');
  return { status: response.status, headers: response.headers, body: isJson && text !== '' ? (JSON.parse(text) as unknown) : text };
}

/** The request as a line for a shell. */
export function curlOf(url: string, { method, target, headers, body }: ApiRequest): string {
  const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
  const fields = Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`);
  const data =
    body === undefined
      ? []
      : typeof body === 'string'
        ? [`--data-binary ${quoted(body)}`]
        : [`--data-binary @<(printf '${escaped(body)}')`];
  return ['curl -sS --path-as-is -X', method, ...fields, ...data, quoted(`${url}${target}`)].join(' ');
}

function escaped(bytes: Uint8Array): string {
  return [...bytes].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
}
