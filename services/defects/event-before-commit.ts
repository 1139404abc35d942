import { setTimeout as delay } from 'node:timers/promises';
import type { PoolClient, QueryResult } from 'pg';
import { isWanted, type Feeds, type Subscription } from '../gateway/events/feeds.ts';
import { APPEND_EVENT, OUTBOX_COLUMNS, toEvent, type AgentEvent, type OutboxRow } from '../gateway/events/outbox.ts';
import type { SeamContext, Seams } from '../gateway/seams.ts';

/** The broker's answer is waited for inside the transaction; now and then that takes longer. */
const BROKER_MS = 150;
const SLOW_EVERY = 4;

/** The event goes out when its row is written, not when the transaction is through. */
export const EVENT_BEFORE_COMMIT: Partial<Seams> = {
  feeds: (feeds, context) => publishingEarly(feeds, context),
};

type Query = (text: string, values?: readonly unknown[]) => Promise<QueryResult>;

function publishingEarly(feeds: Feeds, { pool }: SeamContext): Feeds {
  const subscriptions = new Set<Subscription>();
  let count = 0;
  const publish = async (event: AgentEvent): Promise<void> => {
    for (const subscription of subscriptions) tell(subscription, event);
    count++;
    if (count % SLOW_EVERY === 0) await delay(BROKER_MS);
  };
  pool.on('connect', (client) => afterEachAppend(client, publish));
  return {
    ...feeds,
    subscribe: (subscription) => {
      subscriptions.add(subscription);
      const unsubscribe = feeds.subscribe(subscription);
      return () => {
        subscriptions.delete(subscription);
        unsubscribe();
      };
    },
  };
}

/** What the feed reads after the commit is then known already, and not delivered again. */
function tell(subscription: Subscription, event: AgentEvent): void {
  if (event.workspace_id !== subscription.workspaceId || event.seq !== subscription.afterSeq + 1) return;
  subscription.afterSeq = event.seq;
  if (isWanted(subscription.filter, event)) subscription.deliver(event);
}

function afterEachAppend(client: PoolClient, publish: (event: AgentEvent) => Promise<void>): void {
  const query = client.query.bind(client) as unknown as Query;
  const hooked = async (text: string, values: readonly unknown[]): Promise<QueryResult> => {
    const result = await query(text, values);
    const { rows } = await query(`select ${OUTBOX_COLUMNS} from outbox where workspace_id = $1 order by seq desc limit 1`, [values[0]]);
    const [row] = rows as OutboxRow[];
    if (row !== undefined) await publish(toEvent(row));
    return result;
  };
  Object.assign(client, {
    query: (...args: readonly unknown[]): unknown => {
      const [text, values] = args;
      if (text === APPEND_EVENT && args.length === 2 && Array.isArray(values)) return hooked(text, values);
      return Reflect.apply(query, client, args);
    },
  });
}
