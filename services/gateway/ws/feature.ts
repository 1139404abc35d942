import type { Core } from '../core.ts';
import type { Feature } from '../feature.ts';
import type { Memories } from '../memories/memories.ts';
import type { Executor } from '../patterns/executor.ts';
import { agentStream } from './agent-stream.ts';
import { mcpChannel, replyToSender } from './mcp.ts';
import { createTools } from './tools.ts';

export interface SocketParts {
  readonly executor: Executor;
  readonly memories: Memories;
}

/** The WebSocket channels. */
export function socketsFeature({ config, log, feeds, seams }: Core, { executor, memories }: SocketParts): Feature {
  const tools = createTools(executor, memories);
  const replies = seams.replies(replyToSender);
  return { channels: [agentStream(feeds), mcpChannel({ tools, replies, limits: config.ws, version: config.version, log })] };
}
