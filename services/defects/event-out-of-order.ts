import type { Subscription } from '../gateway/events/feeds.ts';
import type { AgentEvent } from '../gateway/events/outbox.ts';
import type { Seams } from '../gateway/seams.ts';

const EVERY = 10;
const LATE_MS = 200;

/** Each delivery is on its own, and one in ten takes longer: the next event overtakes it. */
export const EVENT_OUT_OF_ORDER: Partial<Seams> = {
  feeds: (feeds) => ({
    ...feeds,
    subscribe: (subscription) => feeds.subscribe({ ...subscription, deliver: overtaking(subscription) }),
  }),
};

function overtaking(subscription: Subscription): (event: AgentEvent) => void {
  let count = 0;
  let late: (() => void) | null = null;
  return (event) => {
    count++;
    if (count % EVERY === 0) {
      const deliver = (): void => {
        clearTimeout(timer);
        late = null;
        subscription.deliver(event);
      };
      const timer = setTimeout(deliver, LATE_MS);
      late = deliver;
      return;
    }
    subscription.deliver(event);
    late?.();
  };
}
