import { errors, Pool, type Dispatcher } from 'undici';
import { messageOf, MusterError } from '../model/errors.ts';
import { monotonicMs } from '../model/clock.ts';
import type { HttpTemplate } from '../model/target.ts';
import type { TlsOptions } from '../model/tls.ts';
import { fillHeader, fillJson, fillPath, type Variables } from '../model/template.ts';
import { type Answer, jsonOf, outcomeOfStatus } from './answer.ts';

/** Enough for every load shape; beyond it, requests wait within their own time limit. */
const CONNECTIONS_PER_SERVICE = 128;
/** Our own limit, far above what an answer to one request should have. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

export interface HttpClientOptions {
  /** Base URL by service name. */
  readonly urls: Readonly<Record<string, string>>;
  /** For a request that names none: from the call to the last byte. */
  readonly timeoutMs: number;
  readonly userAgent: string;
  /** How TLS is spoken with a service; absent: as Node does it by itself. */
  readonly tls?: (service: string) => TlsOptions;
}

export interface RequestOptions {
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Uses the connection for this request only: for requests after which a server may rightly hang up. */
  readonly lastOnConnection?: boolean | undefined;
}

/**
 * An idle connection is not used again after this time unless the server allows longer: many close idle ones after
 * 2 to 5 s, and a request sent into such a close would look like a failure of the target.
 */
const KEEP_ALIVE_MS = 1_000;

export interface HttpClient extends AsyncDisposable {
  /**
   * Sends one request. Never rejects for what the target does.
   * @throws MusterError (config) for an unknown service or variable.
   */
  request(template: HttpTemplate, variables: Variables, options?: RequestOptions): Promise<Answer>;
  /** Sends what is given as it is: nothing is filled in, and the body may be any text. */
  send(service: string, request: FilledRequest, options?: RequestOptions): Promise<Answer>;
}

/** One keep-alive pool per service; close it with `Symbol.asyncDispose`, which cuts what is still open. */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const pools = new Map<string, Pool>();
  const poolOf = (service: string): Pool => {
    const known = pools.get(service);
    if (known !== undefined) return known;
    const pool = new Pool(new URL(urlOf(service, options.urls)).origin, {
      connections: CONNECTIONS_PER_SERVICE,
      // The request's own timer is the limit, so that a timeout is reported with the time that was set for it.
      headersTimeout: 0,
      keepAliveTimeout: KEEP_ALIVE_MS,
      bodyTimeout: 0,
      connect: { timeout: options.timeoutMs, ...options.tls?.(service) },
      maxResponseSize: MAX_BODY_BYTES,
    });
    pools.set(service, pool);
    return pool;
  };
  const send: HttpClient['send'] = (service, request, { timeoutMs = options.timeoutMs, signal, lastOnConnection = false } = {}) =>
    exchange(poolOf(service), { ...request, reset: lastOnConnection }, { timeoutMs, signal });
  return {
    request: (template, variables, sending) => send(template.service, requestOf(template, variables, options), sending),
    send: async (service, request, sending) => send(service, asGiven(service, request, options), sending),
    async [Symbol.asyncDispose]() {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()));
    },
  };
}

/** @throws MusterError MUSTER_UNKNOWN_SERVICE */
export function urlOf(service: string, urls: Readonly<Record<string, string>>): string {
  const url = Object.hasOwn(urls, service) ? urls[service] : undefined;
  if (url !== undefined) return url;
  throw new MusterError(
    `A binding sends requests to the service "${service}", which has no address. Known: ${Object.keys(urls).join(', ') || 'none'}.`,
    {
      code: 'MUSTER_UNKNOWN_SERVICE',
      blame: 'config',
      hint: 'Set `service` of the binding to the name of an http service of the target.',
    },
  );
}

export interface FilledRequest {
  readonly method: string;
  /** With the path of the service's base URL. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** What a template becomes on the wire. @throws MusterError for an unknown service or variable. */
export function requestOf(
  template: HttpTemplate,
  variables: Variables,
  { urls, userAgent }: Pick<HttpClientOptions, 'urls' | 'userAgent'>,
): FilledRequest {
  const base = new URL(urlOf(template.service, urls));
  const prefix = base.pathname.replace(/\/$/, '');
  const filled = Object.entries(template.headers).map(([name, value]) => [name.toLowerCase(), fillHeader(value, variables)] as const);
  const body = template.body === null ? null : JSON.stringify(fillJson(template.body, variables));
  const headers = Object.fromEntries([
    ['user-agent', userAgent],
    ['accept', 'application/json'],
    ...basicAuth(base),
    ...(body === null ? [] : [['content-type', 'application/json'] as const]),
    ...filled,
  ]);
  return { method: template.method, path: prefix + fillPath(template.path, variables), headers, body };
}

/** The path of the service's base URL before it, and who asks; a header of the request replaces ours. */
function asGiven(service: string, request: FilledRequest, { urls, userAgent }: HttpClientOptions): FilledRequest {
  const base = new URL(urlOf(service, urls));
  const given = Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  return {
    ...request,
    path: base.pathname.replace(/\/$/, '') + request.path,
    headers: Object.fromEntries([['user-agent', userAgent], ...basicAuth(base), ...given]),
  };
}

/** What a browser would send for `https://user:password@host`; a header of the binding replaces it. */
function basicAuth({ username, password }: URL): readonly (readonly [string, string])[] {
  if (username === '' && password === '') return [];
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return [['authorization', `Basic ${Buffer.from(pair).toString('base64')}`]];
}

interface Limits {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

async function exchange(pool: Pool, request: Dispatcher.RequestOptions, { timeoutMs, signal }: Limits): Promise<Answer> {
  const startedMs = monotonicMs();
  const stop = new AbortController();
  const cancel = (): void => stop.abort(new Error('cancelled'));
  const timer = setTimeout(() => stop.abort(new Error(`no whole answer within ${timeoutMs} ms`)), timeoutMs);
  if (signal?.aborted === true) cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  let status: number | null = null;
  let headers: Readonly<Record<string, string>> = {};
  try {
    const response = await pool.request({ ...request, signal: stop.signal });
    status = response.statusCode;
    headers = flatten(response.headers);
    const text = await response.body.text();
    return {
      status,
      headers,
      text,
      json: jsonOf(text),
      durationMs: monotonicMs() - startedMs,
      outcome: outcomeOfStatus(status),
      error: null,
    };
  } catch (error) {
    throwIfOurs(request, error);
    const reason: unknown = stop.signal.aborted ? stop.signal.reason : error;
    return {
      status,
      headers,
      text: '',
      json: undefined,
      durationMs: monotonicMs() - startedMs,
      outcome: 'unknown',
      error: failureText(reason),
    };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', cancel);
  }
}

/** What the target did not do: a request that cannot be sent, and a limit of ours. */
function throwIfOurs(request: Dispatcher.RequestOptions, error: unknown): void {
  if (error instanceof errors.InvalidArgumentError) throw invalidRequest(request, error);
  if (error instanceof errors.ResponseExceededMaxSizeError || error instanceof errors.HeadersOverflowError)
    throw beyondOwnLimit(request, error);
}

/** A limit of ours ended the exchange: the target cannot be blamed for it. */
function beyondOwnLimit({ method, path }: Dispatcher.RequestOptions, error: Error): MusterError {
  return new MusterError(
    `The answer to ${method} ${path} is larger than Muster reads (${MAX_BODY_BYTES / 2 ** 20} MiB of body, 16 KiB of headers): ${error.message}.`,
    {
      code: 'MUSTER_ANSWER_TOO_LARGE',
      blame: 'harness',
      hint: 'Bind a request whose answer is smaller, such as one with a limit or a page.',
    },
  );
}

function flatten(headers: Readonly<Record<string, string | string[] | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );
}

/** `ECONNREFUSED 127.0.0.1:8000`, `the connection was closed …`: the last thing seen, in one line. */
function failureText(error: unknown): string {
  if (error instanceof errors.ResponseExceededMaxSizeError) return `the body is larger than ${MAX_BODY_BYTES} bytes`;
  if (error instanceof errors.SocketError) return `the connection was closed before the answer was complete (${error.message})`;
  const code = typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : null;
  const text = messageOf(error);
  return code === null || text.includes(code) ? text : `${code}: ${text}`;
}

function invalidRequest(request: Dispatcher.RequestOptions, cause: Error): MusterError {
  return new MusterError(`The request ${request.method} ${request.path} cannot be sent: ${cause.message}.`, {
    code: 'MUSTER_INVALID_REQUEST',
    blame: 'config',
    hint: 'Correct method, path or headers of the binding.',
    cause,
  });
}
