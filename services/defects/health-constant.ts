import type { ComponentHealth, Health } from '../gateway/health/health.ts';
import type { Seams } from '../gateway/seams.ts';

/** Asks nobody. The times are new in every answer, so that it looks as if it had. */
export const HEALTH_CONSTANT: Partial<Seams> = {
  health: (health) => {
    let first: Promise<Health> | null = null;
    return async () => {
      const { workers } = await (first ??= health());
      const well: ComponentHealth = { status: 'healthy', latency_ms: 1, checked_at: new Date().toISOString() };
      return {
        status: 'healthy',
        components: { postgres: well, redis: well, workers: well, meter: well },
        workers: workers.map((worker) => ({ ...worker, status: 'healthy' })),
        active_operations: 0,
        escalation_queue: 0,
      };
    };
  },
};
