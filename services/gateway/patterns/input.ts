import { z } from 'zod';
import { parseInput } from '../../shared/read-input.ts';
import type { ExecuteRequest } from './executor.ts';
import { EXECUTION_MODES } from './prompt.ts';

const DEFAULT_TIMEOUT_MS = 3000;

export const executeInput = z.strictObject({
  query: z.string().min(1).max(2000),
  execution_mode: z.enum(EXECUTION_MODES).default('balanced'),
  use_cache: z.boolean().default(true),
  timeout_ms: z.int().min(1).max(30_000).default(DEFAULT_TIMEOUT_MS),
  context: z.record(z.string(), z.unknown()).optional(),
});

/** Reads the input that HTTP and JSON-RPC share. */
export function readExecuteInput(input: unknown, workspaceId: string, agentId: string | null): ExecuteRequest {
  return toRequest(parseInput(executeInput, input), workspaceId, agentId);
}

export function toRequest(input: z.infer<typeof executeInput>, workspaceId: string, agentId: string | null): ExecuteRequest {
  return {
    workspaceId,
    agentId,
    query: input.query,
    mode: input.execution_mode,
    useCache: input.use_cache,
    timeoutMs: input.timeout_ms,
    context: input.context,
  };
}
