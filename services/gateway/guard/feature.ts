import type { MiddlewareHandler } from 'hono';
import type { Around } from '../../shared/endpoint.ts';
import type { AppEnv } from '../../shared/http-app.ts';
import type { Core } from '../core.ts';
import type { Feature } from '../feature.ts';
import { createAround, createEntrance, limitAddresses } from './around.ts';
import { createAuthenticate, WITHOUT_KEYS, type Authenticate } from './authenticate.ts';
import { keyEndpoints } from './endpoints.ts';
import { createKeys } from './keys.ts';
import { createKnownKeys } from './known-keys.ts';
import { createRateLimiter } from './rate-limiter.ts';
import { createSecurityEvents } from './security-events.ts';

export interface GuardFeature extends Feature {
  /** For everything that is not an endpoint: MCP, and handshakes of WebSockets. */
  readonly enter: Authenticate;
  /** Ids of the keys that are valid now. */
  validKeys(): Promise<ReadonlySet<string>>;
  /** Before every route. */
  readonly limitAddresses: MiddlewareHandler<AppEnv>;
  /** Around every endpoint. */
  readonly around: Around;
  /** After the migrations, before ready. */
  prepare(): Promise<void>;
}

/** Who may come in, and how often. */
export function guardFeature({ config, pool, redis, audit, seams, reporter }: Core): GuardFeature {
  const { required, adminKey } = config.auth;
  const keys = createKeys(pool, audit, () => known.forget());
  const events = createSecurityEvents(pool, reporter('security_events_failed'));
  const known = createKnownKeys({ load: () => keys.valid(), onError: reporter('keys_not_read') });
  const authenticate = seams.authenticate(required ? createAuthenticate(known, events) : WITHOUT_KEYS);
  const limiter = seams.limiter(createRateLimiter(redis, config.rate, reporter('rate_limits_not_shared')));
  const parts = { authenticate, limiter, events };
  return {
    enter: createEntrance(parts),
    validKeys: async () => new Set((await keys.valid()).map(({ id }) => id)),
    limitAddresses: limitAddresses(parts),
    around: createAround(parts),
    endpoints: keyEndpoints(keys),
    prepare: async () => {
      if (adminKey !== null) await keys.ensureAdmin(adminKey);
    },
    stop: async () => {
      await limiter.stop();
      await events.stop();
    },
  };
}
