import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fillText, textIn, type Answer, type SuiteRun } from '../../../harness/index.ts';

export interface Asked {
  /** `GET /path`. */
  readonly call: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Reply {
  readonly status: number;
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface BoundRun extends AsyncDisposable {
  readonly run: SuiteRun;
}

type Bindings = SuiteRun['spec']['bindings'];
type Template = Parameters<SuiteRun['target']['request']>[0];

/** A request template for the small server. */
export const at = (line: string, body: Template['body'] = null): Template => {
  const [method = '', path = ''] = line.split(' ');
  return { method, path, service: 'small', body, headers: { 'x-workspace': '${workspace}' } };
};

/** What a check works with, as far as it sends requests, against a small server that answers as it likes. */
export async function boundRun(bindings: Bindings, answer: (asked: Asked) => Reply | Promise<Reply>): Promise<BoundRun> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString() || '{}') as Asked['body'];
      void Promise.resolve(answer({ call: `${request.method} ${request.url}`, headers: request.headers, body })).then(
        ({ status, json, headers }) => response.writeHead(status, headers).end(json === undefined ? '' : JSON.stringify(json)),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let workspaces = 0;
  const run = {
    target: targetAt(url, bindings),
    spec: { bindings },
    now: () => performance.now(),
    startMonotonicMs: 0,
    seed: 1,
    workspace: () => `w${++workspaces}`,
    signal: new AbortController().signal,
  };
  return {
    run: run as unknown as SuiteRun,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

type Variables = Readonly<Record<string, unknown>>;

function targetAt(url: string, bindings: Bindings) {
  const request = (template: Template, variables: Variables): Promise<Answer> => send(url, template, variables);
  const transitions = () => {
    if (bindings.transitions === undefined) throw new Error('no transitions are bound');
    return bindings.transitions;
  };
  return {
    request,
    requireBinding: (name: keyof Bindings) => bindings[name],
    transitions: {
      create: async (variables: Variables) => {
        const answer = await request(transitions().create.http, variables);
        return { outcome: answer.outcome, id: textIn(transitions().create.id, answer.json), answer };
      },
      read: async (variables: Variables) => {
        const answer = await request(transitions().read.http, variables);
        return { outcome: answer.outcome, state: textIn(transitions().read.state, answer.json), answer };
      },
      move: async (variables: Variables) => {
        const answer = await request(transitions().move, variables);
        const refused = transitions().refused.includes(answer.status ?? 0);
        return { outcome: answer.outcome, accepted: answer.outcome === 'ok', refused, answer };
      },
    },
  };
}

async function send(url: string, { method, path, headers, body }: Template, variables: Variables): Promise<Answer> {
  const texts = Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, String(value)]));
  const filled = (value: unknown): unknown =>
    typeof value !== 'string'
      ? value
      : value.startsWith('${') && value.endsWith('}')
        ? variables[value.slice(2, -1)]
        : fillText(value, texts);
  const sent = body === null ? null : Object.fromEntries(Object.entries(body).map(([name, value]) => [name, filled(value)]));
  const startMs = performance.now();
  const response = await fetch(url + fillText(path, texts), {
    method,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, fillText(value, texts)])),
    ...(sent === null ? {} : { body: JSON.stringify(sent) }),
  });
  const { status } = response;
  const text = await response.text();
  const outcome = response.ok ? 'ok' : status === 429 || status === 503 ? 'shed' : status < 500 ? 'rejected' : 'unknown';
  return {
    status,
    text,
    outcome,
    json: text === '' ? undefined : (JSON.parse(text) as unknown),
    durationMs: performance.now() - startMs,
    error: null,
    headers: Object.fromEntries(response.headers),
  };
}
