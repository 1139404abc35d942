import { EVERYTHING, type Feeds, type Subscription } from '../gateway/events/feeds.ts';
import type { AgentEvent } from '../gateway/events/outbox.ts';
import type { Seams } from '../gateway/seams.ts';

/** One topic for all subscribers to agents: the one that hears of an event passes it on to everybody, once. */
export const WS_BROADCAST_PRIVATE: Partial<Seams> = {
  feeds: (feeds) => broadcasting(feeds),
};

interface Listener {
  readonly subscription: Subscription;
  readonly lastSeq: Map<string, number>;
}

function broadcasting(feeds: Feeds): Feeds {
  const listeners = new Set<Listener>();
  const broadcast = (event: AgentEvent): void => {
    for (const { subscription, lastSeq } of listeners) {
      if (event.seq <= (lastSeq.get(event.workspace_id) ?? 0)) continue;
      lastSeq.set(event.workspace_id, event.seq);
      subscription.deliver(event);
    }
  };
  return {
    ...feeds,
    subscribe: (subscription) => {
      const { taskId, delegationId } = subscription.filter;
      if (taskId !== null || delegationId !== null) return feeds.subscribe(subscription);
      const listener = { subscription, lastSeq: new Map([[subscription.workspaceId, subscription.afterSeq]]) };
      listeners.add(listener);
      const unsubscribe = feeds.subscribe({ ...subscription, filter: EVERYTHING, deliver: broadcast });
      return () => {
        listeners.delete(listener);
        unsubscribe();
      };
    },
  };
}
