import { z } from 'zod';
import { EVENT_TYPES } from '../events/outbox.ts';
import { time, uuid } from '../schemas.ts';

/** Messages that several channels share. */
export const agentEvent = z
  .object({
    event_type: z.enum(EVENT_TYPES),
    seq: z.int().min(1),
    event_id: uuid,
    timestamp: time,
    committed_at: time,
    workspace_id: uuid,
    agent_id: uuid.nullable(),
    task_id: uuid.nullable(),
    data: z.unknown(),
  })
  .meta({ id: 'AgentEvent', description: 'seq has no gap within a workspace; its order is the order of the commits.' });

export const heartbeat = z.object({ type: z.literal('heartbeat'), timestamp: time }).meta({ id: 'Heartbeat' });

const ERROR_CODES = ['malformed_frame', 'unknown_message', 'events_expired', 'dependency_unavailable'] as const;

export const channelError = z
  .object({ type: z.literal('error'), code: z.enum(ERROR_CODES), message: z.string() })
  .meta({ id: 'ChannelError' });

export function heartbeatFrame(): string {
  return JSON.stringify({ type: 'heartbeat', timestamp: new Date().toISOString() });
}

export function errorFrame(code: (typeof ERROR_CODES)[number], message: string): string {
  return JSON.stringify({ type: 'error', code, message });
}
