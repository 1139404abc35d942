import { AsyncLocalStorage } from 'node:async_hooks';
import type { Actor } from './actor.ts';

/** What is true for everything that one request causes. */
export interface RequestScope {
  readonly requestId: string;
  readonly actor: Actor;
}

const scopes = new AsyncLocalStorage<RequestScope>();

export function inRequestScope<T>(scope: RequestScope, work: () => T): T {
  return scopes.run(scope, work);
}

/** undefined in background work, which nobody asked for. */
export function requestScope(): RequestScope | undefined {
  return scopes.getStore();
}
