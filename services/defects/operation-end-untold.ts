import type { AgentEvent } from '../gateway/events/outbox.ts';
import type { Seams } from '../gateway/seams.ts';

/** The list of what is passed on was written before there were operations that complete. */
const PASSED_ON: readonly unknown[] = ['idle', 'planning', 'executing', 'validating', 'escalating', 'failed'];

/** Subscribers hear how an operation goes on, and not that it has completed. */
export const OPERATION_END_UNTOLD: Partial<Seams> = {
  feeds: (feeds) => ({
    ...feeds,
    subscribe: (subscription) =>
      feeds.subscribe({
        ...subscription,
        deliver: (event) => {
          if (isPassedOn(event)) subscription.deliver(event);
        },
      }),
  }),
};

function isPassedOn({ event_type: type, data }: AgentEvent): boolean {
  if (type !== 'operation_event' || typeof data !== 'object' || data === null || !('status' in data)) return true;
  return PASSED_ON.includes(data.status);
}
