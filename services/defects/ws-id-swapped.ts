import type { RpcId } from '../gateway/mcp/json-rpc.ts';
import { replyToSender } from '../gateway/mcp/replies.ts';
import type { Seams } from '../gateway/seams.ts';

/** Takes for granted that answers are ready in the order of the requests: right while a client asks one thing at a time. */
export const WS_ID_SWAPPED: Partial<Seams> = {
  replies: () => {
    const waiting = new WeakMap<object, RpcId[]>();
    return (peer, id) => {
      const queue = waiting.get(peer) ?? [];
      waiting.set(peer, queue);
      queue.push(id);
      return (answer) => replyToSender(peer, queue.shift() ?? id)(answer);
    };
  },
};
