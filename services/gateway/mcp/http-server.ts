import { ProtocolError, Server, type ServerContext } from '@modelcontextprotocol/server';
import { messageOf, type Log } from '../../shared/log.ts';
import type { Caller } from './caller.ts';
import { RPC_CODE } from './json-rpc.ts';
import type { Resources } from './resources.ts';
import { toRpcError } from './rpc-errors.ts';
import { toToolResult, type ToolResults } from './tool-results.ts';
import type { Tools } from './tools.ts';

export interface McpServerDeps {
  readonly tools: Tools;
  readonly results: ToolResults;
  readonly resources: Resources;
  readonly version: string;
  readonly log: Log;
}

/** Makes the server of one session (older protocol) or of one request (current one): what it does, it does for this caller. */
export type McpServerFactory = (caller: Caller) => Server;

/** The same tools and resources as on `/ws/mcp`, spoken by the official SDK in whichever revision the client knows. */
export function createMcpServers({ tools, results, resources, version, log }: McpServerDeps): McpServerFactory {
  return (caller) => {
    const within = ({ sessionId }: ServerContext): Caller => ({ ...caller, sessionId: sessionId ?? null });
    const server = new Server({ name: 'gateway', version }, { capabilities: { tools: {}, resources: {} } });
    server.setRequestHandler('tools/list', () =>
      translated(log, async () => ({
        tools: (await tools.list()).map((tool) => ({ ...tool, inputSchema: objectSchema(tool.inputSchema) })),
      })),
    );
    server.setRequestHandler('tools/call', ({ params }, context) =>
      translated(log, async () => {
        const result = await toToolResult(results, () => tools.call(params.name, params.arguments ?? {}, within(context)));
        return { ...result, content: [...result.content] };
      }),
    );
    server.setRequestHandler('resources/list', () => translated(log, async () => ({ resources: [...(await resources.list())] })));
    server.setRequestHandler('resources/read', ({ params }, context) =>
      translated(log, async () => ({ contents: [await resources.read(params.uri, within(context))] })),
    );
    return server;
  };
}

function objectSchema(schema: Readonly<Record<string, unknown>>): { readonly type: 'object' } {
  return { ...schema, type: 'object' };
}

/** As on the WebSocket: what is known has its code, what is not stays in the log. */
async function translated<T>(log: Log, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code, message, data } = toRpcError(error);
    if (code === RPC_CODE.internal) log.error('rpc_failed', { error: messageOf(error) });
    throw new ProtocolError(code, message, data);
  }
}
