import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Answer } from '../../../../harness/index.ts';
import type { Api } from '../api.ts';
import { readDocument } from '../document.ts';
import { curlOf, type ApiRequest } from '../request.ts';
import { createThings } from '../things.ts';
import { createValidator } from '../validator.ts';
import { createValues } from '../values.ts';

/** What a small server of a test answers: text as it is, everything else as JSON. null: it hangs up. */
export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly type?: string;
}

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** undefined: no JSON. */
  readonly json: unknown;
}

export interface SmallApi extends AsyncDisposable {
  readonly api: Api;
  readonly seen: readonly Asked[];
}

/** A server on loopback and what asks it, by a document that may be wrong about it. */
export async function serve(
  document: unknown,
  answer: (asked: Asked) => Reply | null,
  credentials: Readonly<Record<string, string>> = {},
): Promise<SmallApi> {
  const seen: Asked[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://server');
      const asked = {
        method: request.method ?? '',
        path: url.pathname,
        query: url.searchParams,
        headers: request.headers,
        json: parsed(Buffer.concat(chunks).toString('utf8')),
      };
      seen.push(asked);
      const reply = answer(asked);
      if (reply === null) return void request.socket.destroy();
      response.statusCode = reply.status;
      if (reply.body === undefined) return void response.end();
      response.setHeader('content-type', reply.type ?? 'application/json');
      return void response.end(typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    api: apiOf(url, document, credentials),
    seen,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve()).closeAllConnections()),
  };
}

function apiOf(url: string, json: unknown, credentials: Readonly<Record<string, string>>): Api {
  const document = readDocument(json);
  return {
    document,
    validator: createValidator(document),
    values: createValues(document.requests),
    things: createThings(),
    headers: {},
    credentials,
    send: (request) => send(url, request),
    curl: (request) => curlOf(url, request, Object.keys(credentials)),
  };
}

async function send(url: string, { method, path, headers, body }: ApiRequest): Promise<Answer> {
  const nothing = { durationMs: 1, json: undefined, text: '', headers: {} };
  try {
    const response = await fetch(`${url}${path}`, { method, headers, body });
    const text = await response.text();
    return {
      ...nothing,
      status: response.status,
      text,
      json: parsed(text),
      headers: Object.fromEntries(response.headers),
      outcome: response.ok ? 'ok' : 'rejected',
      error: null,
    };
  } catch (error) {
    return { ...nothing, status: null, outcome: 'unknown', error: String(error) };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // What is no JSON is an answer like any other.
    return undefined;
  }
}
