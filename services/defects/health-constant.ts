import { overall, type ComponentHealth } from '../gateway/health/health.ts';
import type { Seams } from '../gateway/seams.ts';

/** Says "healthy" for the database without asking it; the time is new in every answer, so that it looks as if it had. */
export const HEALTH_CONSTANT: Partial<Seams> = {
  health: (health) => async () => {
    const found = await health();
    const well: ComponentHealth = { status: 'healthy', latency_ms: 1, checked_at: new Date().toISOString() };
    const components = { ...found.components, postgres: well };
    return {
      ...found,
      status: overall(components),
      components,
      active_operations: found.active_operations ?? 0,
      escalation_queue: found.escalation_queue ?? 0,
    };
  },
};
