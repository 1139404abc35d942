import type { Redis } from 'ioredis';
import { send, type Answer } from './client.ts';
import type { Backing, Gateway } from './stack.ts';
import { onRedis, query } from './stores.ts';

export const say = (gateway: Pick<Gateway, 'url'>, agent: string, value: unknown): Promise<Answer> =>
  send(gateway, 'POST /api/v1/messages', { body: { from_agent: 'probe', to_agent: agent, type: 't', payload: { value } } });

export const onItsRedis = <T>({ redis }: Backing, work: (connection: Redis) => Promise<T>): Promise<T> => onRedis(redis.url, work);

export async function processed({ postgres }: Backing, agent: string): Promise<readonly unknown[]> {
  const { rows } = await query(postgres.adminUrl, `select payload->>'value' as value from agent_stream_messages where agent = $1`, [agent]);
  return rows.map(({ value }) => value);
}

export const groupState = ({ redis }: Backing, agent: string) =>
  onRedis(redis.url, async (connection) => {
    const [group = []] = (await connection.xinfo('GROUPS', `agent_messages:${agent}`)) as readonly (readonly unknown[])[];
    const value = (name: string): unknown => group[group.indexOf(name) + 1];
    const [last] = await connection.xrevrange(`agent_messages:${agent}`, '+', '-', 'COUNT', 1);
    return { isRead: value('last-delivered-id') === last?.[0], pending: Number(value('pending')) };
  });

/** All that is in the stream was read and acknowledged; a healthy gateway has stored it by then. */
export async function isSettled(backing: Backing, agent: string): Promise<boolean> {
  const { isRead, pending } = await groupState(backing, agent);
  return isRead && pending === 0;
}

/** The values in an agent's stream, in its order. */
export async function entriesIn({ redis }: Backing, agent: string): Promise<readonly unknown[]> {
  const entries = await onRedis(redis.url, (connection) => connection.xrange(`agent_messages:${agent}`, '-', '+'));
  return entries.map(([, fields]) => (JSON.parse(fields[fields.indexOf('payload') + 1] ?? '{}') as { readonly value: unknown }).value);
}
