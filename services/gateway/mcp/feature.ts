import type { Core } from '../core.ts';
import { createHistory } from '../events/history.ts';
import type { Feature } from '../feature.ts';
import type { Authenticate } from '../guard/authenticate.ts';
import type { Memories } from '../memories/memories.ts';
import type { Executor } from '../patterns/executor.ts';
import type { Tasks } from '../tasks/task.ts';
import type { Workflows } from '../workflows/workflow.ts';
import { mcpChannel } from './channel.ts';
import { mcpHttp } from './http.ts';
import { createMcpServers } from './http-server.ts';
import { MAX_IN_FLIGHT } from './json-rpc.ts';
import { replyToSender } from './replies.ts';
import { createResources } from './resources.ts';
import { TOOL_RESULTS } from './tool-results.ts';
import { createTools, memoryTools, patternTools, taskTools } from './tools.ts';
import { createWelcome } from './welcome.ts';

export interface McpParts {
  readonly executor: Executor;
  readonly memories: Memories;
  readonly tasks: Tasks;
  readonly workflows: Workflows;
  readonly authenticate: Authenticate;
}

/** What agents can call: the same tools as JSON-RPC over WebSocket and as MCP over HTTP. */
export function mcpFeature(core: Core, { executor, memories, tasks, workflows, authenticate }: McpParts): Feature {
  const { config, log, feeds, pool, seams, reporter } = core;
  const version = config.version;
  const offered = {
    tools: createTools([...memoryTools(memories), ...taskTools(tasks), ...patternTools(executor)]),
    resources: createResources(memories),
    results: seams.toolResults(TOOL_RESULTS),
    version,
  };
  const makeServer = seams.mcpServer(createMcpServers({ ...offered, log }));
  const http = mcpHttp({ makeServer, authenticate, limits: config.mcp, origins: config.mcp.origins, log });
  const socket = mcpChannel({
    ...offered,
    memories,
    tasks,
    workflows,
    events: { feeds, history: createHistory(pool), report: reporter('events_failed') },
    welcome: seams.welcome(createWelcome({ version, limits: config.ws, inFlight: MAX_IN_FLIGHT })),
    replies: seams.replies(replyToSender),
    limits: config.ws,
    log,
  });
  return { channels: [socket], routes: [{ base: '/mcp', app: http.app }], stop: () => http.stop() };
}
