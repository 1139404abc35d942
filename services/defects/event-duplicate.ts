import type { Seams } from '../gateway/seams.ts';

const EVERY = 20;

/** At least once, and nobody remembers what was delivered: five in a hundred come twice. */
export const EVENT_DUPLICATE: Partial<Seams> = {
  feeds: (feeds) => {
    let count = 0;
    return {
      ...feeds,
      subscribe: (subscription) =>
        feeds.subscribe({
          ...subscription,
          deliver: (event) => {
            count++;
            subscription.deliver(event);
            if (count % EVERY === 0) subscription.deliver(event);
          },
        }),
    };
  },
};
