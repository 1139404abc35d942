import type { Seams } from '../gateway/seams.ts';

/** A new breaker for every call: each counts its own failure, none sees five. */
export const BREAKER_NEVER_OPENS: Partial<Seams> = {
  breakers: (make) => (name, options) => {
    const shown = make(name, options);
    return { run: (call, isFailure) => make(name, options).run(call, isFailure), status: () => shown.status() };
  },
};
