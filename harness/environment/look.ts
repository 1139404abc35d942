import type { RunningService } from '../model/environment.ts';
import type { TargetService } from '../model/target.ts';
import { httpProbe, postgresProbe, redisProbe, type Sighting } from './probes.ts';

/** One look at a service that somebody else started: does it answer its readiness probe now? Takes 2 s at most. */
export function look(service: TargetService, running: RunningService): Promise<Sighting> {
  if (service.kind === 'postgres') return postgresProbe({ connectionString: running.url })();
  if (service.kind === 'redis') return redisProbe(running.url)();
  return httpProbe(running.url, service.ready, [])();
}
