import type { TestAgent } from './client.ts';
import { query, type PostgresStore } from './stores.ts';

const APPEND_MANY = `
  with next as (update workspaces set last_seq = last_seq + $3 where id = $1 returning last_seq - $3 as before)
  insert into outbox (workspace_id, seq, topic, agent_id, data)
  select $1, before + number, 'agent_message', $2, jsonb_build_object('filling', repeat('x', 60000)) from next, generate_series(1, $3) as number`;

/** Events of 60 kB that are all committed at once. */
export async function manyEvents({ adminUrl }: PostgresStore, { workspace, id }: TestAgent, count: number): Promise<void> {
  await query(adminUrl, APPEND_MANY, [workspace, id, count]);
}
