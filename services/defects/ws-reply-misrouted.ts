import type { RpcId } from '../gateway/mcp/json-rpc.ts';
import { replyToSender } from '../gateway/mcp/replies.ts';
import type { Seams } from '../gateway/seams.ts';

/** One table of pending requests for all connections, by request id. */
export const WS_REPLY_MISROUTED: Partial<Seams> = {
  replies: () => {
    const askedLast = new Map<RpcId, Parameters<typeof replyToSender>[0]>();
    return (peer, id) => {
      askedLast.set(id, peer);
      return (answer) => replyToSender(askedLast.get(id) ?? peer, id)(answer);
    };
  },
};
