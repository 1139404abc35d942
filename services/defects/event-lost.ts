import type { Seams } from '../gateway/seams.ts';

const EVERY = 20;

/** Fire and forget: five deliveries in a hundred go wrong, and nobody notices. */
export const EVENT_LOST: Partial<Seams> = {
  feeds: (feeds) => {
    let count = 0;
    return {
      ...feeds,
      subscribe: (subscription) =>
        feeds.subscribe({
          ...subscription,
          deliver: (event) => {
            count++;
            if (count % EVERY !== 0) subscription.deliver(event);
          },
        }),
    };
  },
};
