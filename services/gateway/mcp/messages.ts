import { z } from 'zod';
import { time, uuid } from '../schemas.ts';
import { agentEvent } from '../ws/messages.ts';

/** What goes over `/ws/mcp`, for the AsyncAPI document. Frames are read by `readFrame`, which tells a client what is wrong with one. */
const jsonrpc = z.literal('2.0');
const id = z.union([z.string(), z.number()]);
const params = z.union([z.record(z.string(), z.unknown()), z.array(z.unknown())]);

const welcomeParams = z.object({
  session_id: uuid,
  agent_id: z.string(),
  workspace_id: uuid,
  server_version: z.string(),
  protocol: z.literal('muster-1'),
  limits: z.object({
    max_payload_bytes: z.int().min(1),
    messages_per_second: z.int().min(1),
    in_flight: z.int().min(1),
  }),
});
const rpcError = z.object({ code: z.int(), message: z.string(), data: z.unknown().optional() });

export const SENDS = {
  Welcome: z.object({ jsonrpc, method: z.literal('welcome'), params: welcomeParams }),
  Result: z.object({ jsonrpc, id, result: z.unknown() }),
  /** The id is null when it could not be read. */
  Failure: z.object({ jsonrpc, id: id.nullable(), error: rpcError }),
  Event: z.object({ jsonrpc, method: z.literal('event'), params: agentEvent }),
  McpHeartbeat: z.object({ jsonrpc, method: z.literal('heartbeat'), params: z.object({ timestamp: time }) }),
} as const;

export const RECEIVES = {
  Request: z.object({ jsonrpc, id, method: z.string().min(1), params: params.optional() }),
  Notification: z.object({ jsonrpc, method: z.string().min(1), params: params.optional() }),
} as const;
