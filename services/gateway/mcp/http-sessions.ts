import { randomUUID } from 'node:crypto';
import { isInitializeRequest, WebStandardStreamableHTTPServerTransport, type Server } from '@modelcontextprotocol/server';
import { ServiceError } from '../../shared/service-error.ts';
import type { Caller } from './caller.ts';
import type { McpServerFactory } from './http-server.ts';
import { MAX_IN_FLIGHT, RPC_CODE } from './json-rpc.ts';

export interface SessionLimits {
  /** Open at once. */
  readonly sessions: number;
  /** A session that nobody used for this long is ended. */
  readonly idleMs: number;
}

interface HttpSession {
  readonly server: Server;
  readonly transport: WebStandardStreamableHTTPServerTransport;
  readonly caller: Caller;
  usedAtMs: number;
  /** Requests that it is answering now. */
  busy: number;
  /** Their ids: of two with one id, only one would be answered. */
  readonly ids: Set<unknown>;
  /** Answers what still waits when the session ends; the SDK would leave it waiting. */
  readonly waiting: Set<() => void>;
}

/** What the SDK's clients know a lost session by, beside the status. */
const NO_SESSION = -32001;
/** The only revision that has them. */
const WITH_BATCHES = '2025-03-26';

/** Sessions of the protocol revisions before 2026-07-28. Each has a server of its own, and belongs to who opened it. */
export class HttpSessions {
  readonly #sessions = new Map<string, HttpSession>();
  readonly #make: McpServerFactory;
  readonly #limits: SessionLimits;
  readonly #timer: NodeJS.Timeout;

  constructor(make: McpServerFactory, limits: SessionLimits) {
    this.#make = make;
    this.#limits = limits;
    this.#timer = setInterval(() => this.#endIdle(), limits.idleMs / 4);
    this.#timer.unref();
  }

  /** @param body the parsed body of a POST. @throws ServiceError dependency_unavailable when there is no free session. */
  async handle(request: Request, caller: Caller, body: unknown): Promise<Response> {
    const id = request.headers.get('mcp-session-id');
    if (id === null) {
      if (!isInitializeRequest(body)) return refuse(400, 'the header Mcp-Session-Id is missing; initialize opens a session');
      return this.#open(request, caller, body);
    }
    const session = this.#sessions.get(id);
    // Another's session and one that is over look the same.
    if (session === undefined || !isSame(session.caller, caller)) return refuse(404, 'there is no such session', { code: NO_SESSION });
    // This server sends nothing of its own accord, so there is no stream to listen to.
    if (request.method === 'GET') return refuse(405, 'there is no stream of server messages', { headers: { allow: 'POST, DELETE' } });
    const refusal = refusalOf(session, body);
    if (refusal !== null) return refusal;
    // Whoever cancels is never answered by the SDK, and waits for it; a request is short, so it is done instead.
    const left = Array.isArray(body) ? body.filter((message) => !isCancellation(message)) : body;
    if (isCancellation(left) || (Array.isArray(left) && left.length === 0 && request.method === 'POST'))
      return new Response(null, { status: 202 });
    return this.#use(session, request, left);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    const open = [...this.#sessions];
    for (const [id] of open) this.#forget(id);
    await Promise.all(open.map(([, { transport }]) => transport.close()));
  }

  #forget(id: string): void {
    const session = this.#sessions.get(id);
    this.#sessions.delete(id);
    for (const end of session?.waiting ?? []) end();
  }

  async #open(request: Request, caller: Caller, body: unknown): Promise<Response> {
    this.#endIdle();
    if (this.#sessions.size >= this.#limits.sessions)
      throw new ServiceError('dependency_unavailable', `all ${this.#limits.sessions} sessions are in use`, { retryAfterMs: 1000 });
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      enableJsonResponse: true,
      onsessioninitialized: (id) => void this.#sessions.set(id, session),
      onsessionclosed: (id) => this.#forget(id),
    });
    const server = this.#make(caller);
    const session: HttpSession = { server, transport, caller, usedAtMs: performance.now(), busy: 0, ids: new Set(), waiting: new Set() };
    await server.connect(transport);
    return this.#use(session, request, body);
  }

  async #use(session: HttpSession, request: Request, body: unknown): Promise<Response> {
    const requests = Array.isArray(body) ? body.length : 1;
    const ids = idsOf(body);
    session.busy += requests;
    for (const id of ids) session.ids.add(id);
    let end = (): void => undefined;
    const ended = new Promise<Response>((resolve) => {
      end = () => resolve(refuse(404, 'the session ended before the answer was there', { code: NO_SESSION }));
    });
    if (request.method === 'POST') session.waiting.add(end);
    try {
      return await Promise.race([session.transport.handleRequest(request, { parsedBody: body }), ended]);
    } finally {
      session.waiting.delete(end);
      session.busy -= requests;
      for (const id of ids) session.ids.delete(id);
      session.usedAtMs = performance.now();
    }
  }

  #endIdle(): void {
    const beforeMs = performance.now() - this.#limits.idleMs;
    for (const [id, session] of this.#sessions) {
      if (session.busy > 0 || session.usedAtMs > beforeMs) continue;
      this.#sessions.delete(id);
      void session.transport.close();
    }
  }
}

function refusalOf({ server, busy, ids }: HttpSession, body: unknown): Response | null {
  const size = Array.isArray(body) ? body.length : 1;
  if (Array.isArray(body) && (size === 0 || server.getNegotiatedProtocolVersion() !== WITH_BATCHES))
    return refuse(400, `there are batches in ${WITH_BATCHES} only, and none is empty`, { code: RPC_CODE.invalidRequest });
  const asked = idsOf(body);
  if (new Set(asked).size < asked.length || asked.some((id) => ids.has(id)))
    return refuse(400, 'a request with this id is being answered', { code: RPC_CODE.invalidRequest });
  if (messagesOf(body).some(({ method }) => method === 'initialize'))
    return refuse(400, 'the session is initialized already', { code: RPC_CODE.invalidRequest });
  if (busy + size > MAX_IN_FLIGHT) return refuse(429, `at most ${MAX_IN_FLIGHT} requests at once`, { code: RPC_CODE.rate });
  return null;
}

function messagesOf(body: unknown): readonly Readonly<Record<string, unknown>>[] {
  const messages: readonly unknown[] = Array.isArray(body) ? body : [body];
  return messages.filter((message) => typeof message === 'object' && message !== null) as readonly Readonly<Record<string, unknown>>[];
}

function isCancellation(message: unknown): boolean {
  return messagesOf(message).some(({ method }) => method === 'notifications/cancelled') && !Array.isArray(message);
}

/** Ids of the requests; notifications have none. */
function idsOf(body: unknown): readonly unknown[] {
  return messagesOf(body).flatMap(({ id }) => (id === undefined ? [] : [id]));
}

function isSame(one: Caller, other: Caller): boolean {
  return one.workspaceId === other.workspaceId && one.agent === other.agent && one.actor.keyId === other.actor.keyId;
}

interface Refusal {
  readonly code?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What the SDK answers with where it refuses: a JSON-RPC error without an id. */
export function refuse(status: number, message: string, { code = -32000, headers = {} }: Refusal = {}): Response {
  return Response.json({ jsonrpc: '2.0', id: null, error: { code, message } }, { status, headers });
}
