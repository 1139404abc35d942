import type { Caller } from '../gateway/mcp/caller.ts';
import type { Seams } from '../gateway/seams.ts';

/** The tools are bound once, when the first session opens; every later session works with what the first one is. */
export const MCP_SESSION_SHARED: Partial<Seams> = {
  mcpServer: (make) => {
    let bound: Caller | undefined;
    return (caller) => make((bound ??= caller));
  },
};
