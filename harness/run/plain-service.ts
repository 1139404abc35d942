import type { RunningService } from '../model/environment.ts';

/** A copy that survives JSON, whatever the provider made its services of. */
export function plainService(service: RunningService): RunningService {
  const { name, kind, url, adminUrl, port, version, readyMs, running, pid, container, restarts, identity, tap } = service;
  return {
    name,
    kind,
    url,
    adminUrl,
    port,
    version,
    readyMs,
    running,
    pid,
    container,
    restarts,
    identity,
    ...(tap !== undefined && { tap }),
  };
}
