import type { Redis } from 'ioredis';
import type { Pool } from 'pg';
import type { AgentEvent } from './outbox.ts';

interface MetadataRow {
  readonly id: string;
  readonly status: string;
  readonly definition: string;
  readonly version: number;
  readonly updated_at: Date;
}

const TTL_S = 3600;

/** Two processes may have read at different times: what is newer stays. KEYS: hash. ARGV: version, seconds, then the fields. */
const KEEP_NEWEST = `
  local version = tonumber(redis.call('HGET', KEYS[1], 'version') or '0')
  if tonumber(ARGV[1]) < version then return 0 end
  redis.call('HSET', KEYS[1], 'version', ARGV[1], unpack(ARGV, 3))
  redis.call('EXPIRE', KEYS[1], ARGV[2])
  return 1`;

/**
 * Keeps `agent_metadata:{agent}` for other programs: what Postgres says of the agents that something happened to. A copy, for an
 * hour after the last event; whoever needs the truth asks the gateway.
 */
export async function keepMetadata(pool: Pool, redis: Redis, events: readonly AgentEvent[]): Promise<void> {
  const agents = new Set(events.flatMap(({ agent_id: agent }) => (agent === null ? [] : [agent])));
  if (agents.size === 0) return;
  const { rows } = await pool.query<MetadataRow>(
    `select a.id, a.status, d.slug as definition, a.version, a.updated_at
     from agent_instances a join agent_definitions d on d.id = a.definition_id where a.id = any($1)`,
    [[...agents]],
  );
  const pipeline = redis.pipeline();
  for (const { id, status, definition, version, updated_at: updatedAt } of rows) {
    const fields = ['status', status, 'definition', definition, 'updated_at', updatedAt.toISOString()];
    pipeline.eval(KEEP_NEWEST, 1, `agent_metadata:${id}`, version, TTL_S, ...fields);
  }
  await pipeline.exec();
}
