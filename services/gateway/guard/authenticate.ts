import { ANYBODY, type Actor } from '../../shared/actor.ts';
import { ServiceError } from '../../shared/service-error.ts';
import type { KnownKeys } from './known-keys.ts';
import type { SecurityEvents } from './security-events.ts';

/** Reads one header of a request or of a handshake; the name in lower case. */
export type HeaderOf = (name: string) => string | undefined;

/** Where a request came from, for what is written down about it. */
export interface Origin {
  readonly address: string;
  readonly requestId: string | null;
}

/** Who asks, by the key in the headers. @throws ServiceError unauthorized, or dependency_unavailable when keys cannot be read. */
export type Authenticate = (header: HeaderOf, origin: Origin) => Promise<Actor>;

/** Nobody has to say who they are. */
export const WITHOUT_KEYS: Authenticate = () => Promise.resolve(ANYBODY);

const BEARER = /^Bearer +(\S+)$/i;
const KEY = /^[\x21-\x7e]{16,256}$/;

export function createAuthenticate(keys: KnownKeys, events: SecurityEvents): Authenticate {
  return async (header, origin) => {
    const given = keyOf(header);
    const key = given.key === null ? null : await keys.find(given.key);
    if (key !== null) return { keyId: key.id, name: key.name, workspaceId: key.workspaceId, admin: key.admin };
    const reason = given.key === null ? given.reason : 'the key is not known, or was revoked';
    events.record({ type: 'authentication_failed', ...origin, actor: null, workspaceId: null, reason });
    throw new ServiceError('unauthorized', `${reason}; send Authorization: Bearer <key> or X-API-Key: <key>`);
  };
}

/** The key that the headers hold, or why they hold none. */
export function keyOf(header: HeaderOf): { readonly key: string } | { readonly key: null; readonly reason: string } {
  const authorization = header('authorization');
  const bearer = authorization === undefined ? undefined : (BEARER.exec(authorization)?.[1] ?? '');
  const plain = header('x-api-key');
  const key = bearer ?? plain;
  if (key === undefined) return { key: null, reason: 'a key is needed' };
  if (plain !== undefined && plain !== key) return { key: null, reason: 'Authorization and X-API-Key differ' };
  return KEY.test(key) ? { key } : { key: null, reason: 'what was sent cannot be a key' };
}
