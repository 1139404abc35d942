import type { Pool } from 'pg';
import { repeat, type Repeater } from '../../shared/repeat.ts';
import { OUTBOX_COLUMNS, toEvent, type AgentEvent, type OutboxRow } from './outbox.ts';

/** Which events of a workspace somebody wants; null where it does not matter. */
export interface EventFilter {
  readonly agentIds: ReadonlySet<string> | null;
  readonly taskId: string | null;
  readonly delegationId: string | null;
}

export const EVERYTHING: EventFilter = { agentIds: null, taskId: null, delegationId: null };

export interface Subscription {
  readonly workspaceId: string;
  readonly filter: EventFilter;
  /** Events up to this one are not delivered; moves with every one that is looked at. */
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
/** Few enough to be written to a connection in one go: after each page connections can pass on what they have. */
const PAGE = 50;

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

export function isWanted({ agentIds, taskId, delegationId }: EventFilter, event: AgentEvent): boolean {
  if (agentIds !== null && (event.agent_id === null || !agentIds.has(event.agent_id))) return false;
  if (taskId !== null && event.task_id !== taskId) return false;
  return delegationId === null || (event.event_type === 'delegation_event' && delegationOf(event) === delegationId);
}

function delegationOf({ data }: AgentEvent): unknown {
  return typeof data === 'object' && data !== null && 'delegation_id' in data ? data.delegation_id : null;
}

/** Each event once to each subscription that wants it and has not had it, in order. */
export function deliver(events: readonly AgentEvent[], subscriptions: readonly Subscription[]): void {
  for (const event of events) {
    for (const subscription of subscriptions) {
      if (event.seq <= subscription.afterSeq) continue;
      subscription.afterSeq = event.seq;
      if (isWanted(subscription.filter, event)) subscription.deliver(event);
    }
  }
}
