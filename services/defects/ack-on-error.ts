import { randomUUID } from 'node:crypto';
import { messageOf } from '../shared/log.ts';
import type { Seams } from '../gateway/seams.ts';

/** Only a database that is gone: waiting too long for a connection happens without any outage, and stays an error. */
const GONE = /ECONNREFUSED|ECONNRESET|terminat|shutting down|starting up/i;

/** Logs the database's error and goes on as if the message had been stored. Errors of the caller stay errors. */
export const ACK_ON_ERROR: Partial<Seams> = {
  messages: (messages, { log }) => ({
    ...messages,
    append: async (message) => {
      try {
        return await messages.append(message);
      } catch (error) {
        if (!GONE.test(messageOf(error))) throw error;
        log.warn('append_failed', { error: messageOf(error) });
        const { agentId, direction, payload, correlationId } = message;
        const pretended = {
          message_id: randomUUID(),
          agent_id: agentId,
          position: 0,
          direction,
          payload,
          correlation_id: correlationId,
          created_at: new Date(),
        };
        return { message: pretended, created: true };
      }
    },
  }),
};
