import { getConnInfo } from '@hono/node-server/conninfo';
import type { MiddlewareHandler } from 'hono';
import { ANYBODY, type Actor } from '../../shared/actor.ts';
import type { Around } from '../../shared/endpoint.ts';
import type { AppContext, AppEnv } from '../../shared/http-app.ts';
import { ServiceError } from '../../shared/service-error.ts';
import { WORKSPACE_HEADER, workspaceFor } from '../workspace.ts';
import type { Authenticate, Origin } from './authenticate.ts';
import type { RateLimiter } from './rate-limiter.ts';
import type { SecurityEvents } from './security-events.ts';

export interface GuardParts {
  readonly authenticate: Authenticate;
  readonly limiter: RateLimiter;
  readonly events: SecurityEvents;
}

/** What an orchestrator asks must be answered also when others ask too much. */
const NEVER_LIMITED = /^\/health(\/|$)/;

const WORKSPACE = Object.keys(WORKSPACE_HEADER)[0] ?? '';

/** Before anything else, also for paths that do not exist: no address may ask too often. */
export function limitAddresses({ limiter, events }: GuardParts): MiddlewareHandler<AppEnv> {
  return async (context, next) => {
    const origin = originOf(context);
    if (!NEVER_LIMITED.test(context.req.path)) limit({ limiter, events }, `address:${origin.address}`, { ...origin, actor: null });
    await next();
  };
}

/** Around every endpoint: who asks, whether as often as that, and a note when what was asked for is not theirs. */
export function createAround({ authenticate, limiter, events }: GuardParts): Around {
  return async (context, endpoint, run) => {
    context.set('route', endpoint.path);
    if (endpoint.open === true) return run(ANYBODY);
    const origin = originOf(context);
    const actor = await authenticate((name) => context.req.header(name), origin);
    limitKey({ limiter, events }, origin, actor);
    return notingForbidden(events, { ...origin, actor }, () => {
      // Also where the handler does not ask: a key never speaks for another workspace.
      if (WORKSPACE in (endpoint.headers ?? {})) workspaceFor({ actor, header: (name) => context.req.header(name) });
      return run(actor);
    });
  };
}

/** For what is no endpoint, MCP and the handshakes of WebSockets: who asks, as often as that, and for no other workspace. */
export function createEntrance({ authenticate, limiter, events }: GuardParts): Authenticate {
  return async (header, origin) => {
    const actor = await authenticate(header, origin);
    limitKey({ limiter, events }, origin, actor);
    return notingForbidden(events, { ...origin, actor }, async () => {
      if (actor.workspaceId !== null) workspaceFor({ actor, header });
      return actor;
    });
  };
}

interface Asking extends Origin {
  readonly actor: Actor | null;
}

function limitKey(parts: Pick<GuardParts, 'limiter' | 'events'>, origin: Origin, actor: Actor): void {
  if (actor.keyId !== null) limit(parts, `actor:${actor.keyId}`, { ...origin, actor });
}

async function notingForbidden<T>(
  events: SecurityEvents,
  { actor, ...origin }: Origin & { readonly actor: Actor },
  work: () => Promise<T>,
) {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'forbidden') {
      events.record({ type: 'forbidden', ...origin, actor: actor.name, workspaceId: actor.workspaceId, reason: error.message });
    }
    throw error;
  }
}

function limit({ limiter, events }: Pick<GuardParts, 'limiter' | 'events'>, scope: string, { actor, ...origin }: Asking): void {
  const waitMs = limiter.take(scope);
  if (waitMs === 0) return;
  const reason = `more requests than one ${actor === null ? 'address' : 'key'} may send`;
  events.record({ type: 'rate_limited', ...origin, actor: actor?.name ?? null, workspaceId: actor?.workspaceId ?? null, reason });
  throw new ServiceError('rate_limited', reason, { retryAfterMs: waitMs });
}

function originOf(context: AppContext): Origin {
  return { address: getConnInfo(context).remote.address ?? 'unknown', requestId: context.get('requestId') };
}
