import type { Seams } from '../gateway/seams.ts';

/** Everything is there, only not in the order in which it came. */
export const TRANSCRIPT_BY_ID: Partial<Seams> = {
  messages: (messages) => ({
    ...messages,
    list: async (query) => (await messages.list(query)).toSorted((a, b) => (a.message_id < b.message_id ? 1 : -1)),
  }),
};
