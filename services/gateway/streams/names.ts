import { z } from 'zod';

/** Redis set of the agents that have a stream: what the consumer goes through. */
export const AGENTS_WITH_STREAM = 'agent_streams';
/** Takes the messages that are for everybody. */
export const BROADCAST = 'broadcast';

export const agentName = z.string().regex(/^[\w.:-]{1,64}$/, 'must be 1 to 64 letters, digits, _ . : -');

/** The only keys that the endpoints touch: never an arbitrary one. */
export const agentStream = z.string().regex(/^agent_messages:[\w.:-]{1,64}$/);
export const readableStream = z.string().regex(/^(?:dlq:)?agent_messages:[\w.:-]{1,64}$/);

/** Position in a stream: `<ms>-<n>`. */
export const entryId = z.string().regex(/^\d{1,19}(?:-\d{1,19})?$/, 'must be an entry id such as 1700000000000-0');

export function streamOf(agent: string): string {
  return `agent_messages:${agent}`;
}

export function groupOf(agent: string): string {
  return `group_${agent}`;
}

export function deadLettersOf(agent: string): string {
  return `dlq:${streamOf(agent)}`;
}

/** The agent of `agent_messages:{agent}` or `dlq:agent_messages:{agent}`. */
export function agentOf(stream: string): string {
  return stream.slice(stream.indexOf('agent_messages:') + 'agent_messages:'.length);
}

export function isDeadLetters(stream: string): boolean {
  return stream.startsWith('dlq:');
}
