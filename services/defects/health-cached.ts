import { overall, type Health } from '../gateway/health/health.ts';
import type { Seams } from '../gateway/seams.ts';

const BELIEVED_MS = 120_000;

/** Whether the database is there is asked each time; whatever else was well is believed for two minutes. */
export const HEALTH_CACHED: Partial<Seams> = {
  health: (health) => {
    let well: { readonly components: Health['components']; readonly workers: Health['workers']; readonly untilMs: number } | null = null;
    return async () => {
      const now = await health();
      if (well !== null && performance.now() < well.untilMs) {
        const components = { ...well.components, postgres: now.components.postgres };
        return { ...now, components, workers: well.workers, status: overall(components) };
      }
      if (now.status === 'healthy') {
        well = { components: now.components, workers: now.workers, untilMs: performance.now() + BELIEVED_MS };
      }
      return now;
    };
  },
};
