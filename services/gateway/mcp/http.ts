import {
  createMcpHandler,
  isJsonContentType,
  isLegacyRequest,
  originValidationResponse,
  type McpHttpHandler,
} from '@modelcontextprotocol/server';
import { getConnInfo } from '@hono/node-server/conninfo';
import { Hono } from 'hono';
import type { AppContext, AppEnv } from '../../shared/http-app.ts';
import { jsonProblem } from '../../shared/json-value.ts';
import { messageOf, type Log } from '../../shared/log.ts';
import { inRequestScope } from '../../shared/request-scope.ts';
import { ServiceError } from '../../shared/service-error.ts';
import type { Authenticate } from '../guard/authenticate.ts';
import { workspaceFor } from '../workspace.ts';
import type { Caller } from './caller.ts';
import type { McpServerFactory } from './http-server.ts';
import { HttpSessions, refuse, type SessionLimits } from './http-sessions.ts';
import { AGENT_ID, RPC_CODE } from './json-rpc.ts';

export interface McpHttpDeps {
  readonly makeServer: McpServerFactory;
  readonly authenticate: Authenticate;
  readonly limits: SessionLimits;
  /** Host names of pages that may call: a browser says where a request comes from. */
  readonly origins: readonly string[];
  readonly log: Log;
}

export interface McpHttp {
  readonly app: Hono<AppEnv>;
  stop(): Promise<void>;
}

/** Revisions from 2026-07-28 on have neither session nor GET; the ones before it have both. */
export function mcpHttp(deps: McpHttpDeps): McpHttp {
  const callers = new WeakMap<Request, Caller>();
  const sessions = new HttpSessions(deps.makeServer, deps.limits);
  const modern = createMcpHandler(({ requestInfo }) => deps.makeServer(callerFor(callers, requestInfo)), {
    legacy: 'reject',
    maxSubscriptions: deps.limits.sessions,
    onerror: (error) => deps.log.info('mcp_refused', { error: messageOf(error) }),
  });
  const app = new Hono<AppEnv>();
  app.all('/', async (context) => {
    context.set('route', '/mcp');
    const request = context.req.raw;
    const foreign = originValidationResponse(request, [...deps.origins]);
    if (foreign !== undefined) return foreign;
    const caller = await identify(deps.authenticate, context);
    callers.set(request, caller);
    const scope = { requestId: context.get('requestId'), actor: caller.actor };
    return inRequestScope(scope, () => serve({ sessions, modern, caller }, request));
  });
  return {
    app,
    stop: async () => {
      await Promise.all([sessions.close(), modern.close()]);
    },
  };
}

interface Serving {
  readonly sessions: HttpSessions;
  readonly modern: McpHttpHandler;
  readonly caller: Caller;
}

async function serve({ sessions, modern, caller }: Serving, request: Request): Promise<Response> {
  const body = request.method === 'POST' ? await readJson(request) : { value: undefined };
  if (body instanceof Response) return body;
  const { value } = body;
  if (await isLegacyRequest(request, value)) return sessions.handle(request, caller, value);
  return modern.fetch(request, { parsedBody: value });
}

/** The body, or the answer to one that is none. */
async function readJson(request: Request): Promise<{ readonly value: unknown } | Response> {
  if (!isJsonContentType(request.headers.get('content-type'))) return refuse(415, 'the body must be application/json');
  try {
    const value = JSON.parse(await request.text()) as unknown;
    const problem = jsonProblem(value);
    return problem === null ? { value } : refuse(400, problem, { code: RPC_CODE.invalidRequest });
  } catch (error) {
    if (error instanceof SyntaxError) return refuse(400, 'the body is not JSON', { code: RPC_CODE.parse });
    throw error;
  }
}

function callerFor(callers: WeakMap<Request, Caller>, request: Request | undefined): Caller {
  const caller = request === undefined ? undefined : callers.get(request);
  if (caller === undefined) throw new Error('an MCP request without a caller');
  return caller;
}

async function identify(authenticate: Authenticate, context: AppContext): Promise<Caller> {
  const header = (name: string): string | undefined => context.req.header(name);
  const address = getConnInfo(context).remote.address ?? 'unknown';
  const actor = await authenticate(header, { address, requestId: context.get('requestId') });
  const agent = header('x-agent-id');
  if (agent !== undefined && !AGENT_ID.test(agent))
    throw new ServiceError('validation_failed', 'X-Agent-Id must be 1 to 64 letters, digits, _ . : -');
  return { sessionId: null, agent: agent ?? null, workspaceId: workspaceFor({ actor, header }), actor };
}
