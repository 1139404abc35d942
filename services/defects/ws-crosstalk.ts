import { replyToSender } from '../gateway/mcp/replies.ts';
import type { Seams } from '../gateway/seams.ts';

/** One transport for all connections: it sends to the one that it heard last. */
export const WS_CROSSTALK: Partial<Seams> = {
  replies: () => {
    let current: Parameters<typeof replyToSender>[0] | undefined;
    return (peer, id) => {
      current = peer;
      return (answer) => replyToSender(current ?? peer, id)(answer);
    };
  },
};
