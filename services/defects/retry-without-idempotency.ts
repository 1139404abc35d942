import type { Seams } from '../gateway/seams.ts';
import { within } from '../shared/fresh.ts';
import { ServiceError } from '../shared/service-error.ts';

/** More than an append takes that does not wait for others. */
const PATIENCE_MS = 40;

/** Takes an append without an answer for one that failed and sends it again, without its key: the first one is still under way. */
export const RETRY_WITHOUT_IDEMPOTENCY: Partial<Seams> = {
  messages: (messages) => ({
    ...messages,
    append: async (message) => {
      try {
        return await within(messages.append(message), PATIENCE_MS);
      } catch (error) {
        if (!(error instanceof ServiceError) || error.code !== 'timeout') throw error;
        return messages.append({ ...message, idempotencyKey: null });
      }
    },
  }),
};
