import type { MeterSeams } from '../meter/seams.ts';
import { ServiceError } from '../shared/service-error.ts';

/** The quota is used up: every completion is refused, and the health check, which completes nothing, is fine. */
export const METER_DOWN: Partial<MeterSeams> = {
  completions: (completions) => ({
    get inFlight() {
      return completions.inFlight;
    },
    complete: () => Promise.reject(new ServiceError('rate_limited', 'the quota is used up', { retryAfterMs: 60_000 })),
  }),
};
