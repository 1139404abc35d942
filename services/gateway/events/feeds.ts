import type { Pool } from 'pg';
import { repeat, type Repeater } from '../../shared/repeat.ts';
import { OUTBOX_COLUMNS, toEvent, type AgentEvent, type OutboxRow } from './outbox.ts';

export interface Subscription {
  readonly workspaceId: string;
  /** Events up to this one are not delivered; moves with every delivery. */
  afterSeq: number;
  deliver(event: AgentEvent): void;
}

export interface Feeds {
  /** Call after the commit of a change: subscribers hear of it now instead of at the next poll. */
  wake(): void;
  /** Last sequence number of a workspace, 0 when there is none: where a new subscriber starts. */
  position(workspaceId: string): Promise<number>;
  /** @returns ends the subscription. */
  subscribe(subscription: Subscription): () => void;
  stop(): Promise<void>;
}

/** Finds what other instances committed. */
const POLL_MS = 100;
const PAGE = 500;

/**
 * Reads the outbox for whoever listens here. The table is the truth: while Postgres is away nothing is delivered and nothing is
 * forgotten, because every subscription knows what it has had.
 */
export function createFeeds(pool: Pool, onError: (error: unknown) => void): Feeds {
  const subscriptions = new Set<Subscription>();
  const round = async (): Promise<void> => {
    const behind = oldestPositions(subscriptions);
    if (behind.size === 0) return;
    const { rows } = await pool.query<{ id: string; last_seq: string }>('select id, last_seq from workspaces where id = any($1)', [
      [...behind.keys()],
    ]);
    for (const { id, last_seq: lastSeq } of rows) {
      if (Number(lastSeq) > (behind.get(id) ?? 0)) await deliverFrom(pool, subscriptions, id);
    }
  };
  const repeater: Repeater = repeat(round, POLL_MS, onError);
  return {
    wake: () => {
      if (subscriptions.size > 0) repeater.wake();
    },
    position: async (workspaceId) => {
      const { rows } = await pool.query<{ last_seq: string }>('select last_seq from workspaces where id = $1', [workspaceId]);
      return Number(rows[0]?.last_seq ?? 0);
    },
    subscribe: (subscription) => {
      subscriptions.add(subscription);
      repeater.wake();
      return () => subscriptions.delete(subscription);
    },
    stop: () => repeater.stop(),
  };
}

/** Per workspace, the position of the subscriber that is furthest behind. */
export function oldestPositions(subscriptions: Iterable<Subscription>): ReadonlyMap<string, number> {
  const oldest = new Map<string, number>();
  for (const { workspaceId, afterSeq } of subscriptions) oldest.set(workspaceId, Math.min(afterSeq, oldest.get(workspaceId) ?? afterSeq));
  return oldest;
}

async function deliverFrom(pool: Pool, subscriptions: ReadonlySet<Subscription>, workspaceId: string): Promise<void> {
  for (;;) {
    const from = oldestPositions(subscriptions).get(workspaceId);
    if (from === undefined) return;
    const { rows } = await pool.query<OutboxRow>(
      `select ${OUTBOX_COLUMNS} from outbox where workspace_id = $1 and seq > $2 order by seq limit ${PAGE}`,
      [workspaceId, from],
    );
    deliver(
      rows.map(toEvent),
      [...subscriptions].filter((subscription) => subscription.workspaceId === workspaceId),
    );
    if (rows.length < PAGE) return;
  }
}

/** Each event once to each subscription that has not had it, in order. */
export function deliver(events: readonly AgentEvent[], subscriptions: readonly Subscription[]): void {
  for (const event of events) {
    for (const subscription of subscriptions) {
      if (event.seq <= subscription.afterSeq) continue;
      subscription.afterSeq = event.seq;
      subscription.deliver(event);
    }
  }
}
