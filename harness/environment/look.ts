import type { RunningService } from '../model/environment.ts';
import type { TargetService } from '../model/target.ts';
import { tlsOptionsOf } from '../model/tls.ts';
import { httpProbe, type Probe, postgresProbe, redisProbe, type Sighting } from './probes.ts';
import { waitUntilReady } from './wait.ts';

/** What stands answers at once, unless the machine is busy with something else for a moment. */
const ANSWERS_WITHIN_MS = 5_000;
const NEVER = new Promise<never>(() => undefined);

/**
 * Whether a service that somebody else started answers its readiness probe now: what was seen last.
 * @throws the signal's reason when it aborts.
 */
export async function look(service: TargetService, running: RunningService, signal: AbortSignal): Promise<Sighting> {
  const { outcome, lastSeen } = await waitUntilReady({
    probe: probeOf(service, running),
    withinMs: ANSWERS_WITHIN_MS,
    interrupted: NEVER,
    signal,
  });
  return { ready: outcome === 'ready', seen: lastSeen ?? 'nothing' };
}

function probeOf(service: TargetService, { url }: RunningService): Probe {
  if (service.kind === 'postgres') return postgresProbe({ connectionString: url });
  if (service.kind === 'redis') return redisProbe(url);
  return httpProbe({ url, tls: tlsOptionsOf(service.tls) }, service.ready, []);
}
