import { randomUUID } from 'node:crypto';
import type { WsLimits } from '../config.ts';
import { CLOSE, type Peer } from './peer.ts';
import { RateLimit } from './rate.ts';

export interface Refusal {
  readonly code: number;
  readonly reason: string;
}

export interface NewSession {
  readonly channel: string;
  /** Whom the connection counts for; null for none. */
  readonly agent: string | null;
  /** The client's key; null when nobody needs one. */
  readonly keyId: string | null;
  /** The workspace of the key; null when it has none. */
  readonly workspaceId: string | null;
}

export interface Session extends NewSession {
  readonly id: string;
  readonly connectedAt: Date;
}

/** A place that is taken from the decision on, so that those who come at once cannot be more than the limit. */
export interface Place {
  /** The place is free again when the connection closes. */
  readonly bind: (peer: Peer) => void;
  /** Gives it back when no connection came of it. */
  readonly release: () => void;
}

/** Who is connected, and whether one more may be. */
export interface Connections {
  /** Counts an attempt to connect. */
  attempt(address: string): Refusal | null;
  reserve(session: NewSession): Place | Refusal;
  /** @param workspaceId only those that came with a key of it; null: all. */
  sessions(workspaceId: string | null): readonly Session[];
  stats(workspaceId: string | null): { readonly connections: number; readonly by_agent: Readonly<Record<string, number>> };
  closeWhere(isMeant: (session: Session) => boolean, refusal: Refusal): void;
  /** Closes everybody, and who comes from now on. */
  closeAll(): void;
}

export type ConnectionLimits = Pick<WsLimits, 'connections' | 'connectionsPerAgent' | 'connectionsPerMinutePerAddress'>;

export function createConnections(limits: ConnectionLimits): Connections {
  const perAddress = new RateLimit(limits.connectionsPerMinutePerAddress, 60_000);
  const taken = new Map<string, Session>();
  const peers = new Map<string, Peer>();
  let stopping = false;
  const sessions: Connections['sessions'] = (workspaceId) =>
    [...taken.values()].filter((session) => workspaceId === null || session.workspaceId === workspaceId);
  return {
    attempt: (address) => (perAddress.take(address) ? null : { code: CLOSE.policy, reason: 'too many new connections from this address' }),
    reserve: (session) => {
      const refusal = stopping ? STOPPING : refusalFor(session, taken, limits);
      if (refusal !== null) return refusal;
      const id = randomUUID();
      taken.set(id, { ...session, id, connectedAt: new Date() });
      const release = (): void => {
        taken.delete(id);
        peers.delete(id);
      };
      return {
        release,
        bind: (peer) => {
          peers.set(id, peer);
          peer.onClose(release);
          if (stopping) peer.close(STOPPING.code, STOPPING.reason);
        },
      };
    },
    sessions,
    stats: (workspaceId) => statsOf(sessions(workspaceId)),
    closeWhere: (isMeant, { code, reason }) => {
      for (const session of taken.values()) if (isMeant(session)) peers.get(session.id)?.close(code, reason);
    },
    closeAll: () => {
      stopping = true;
      for (const peer of peers.values()) peer.close(STOPPING.code, STOPPING.reason);
    },
  };
}

const STOPPING: Refusal = { code: CLOSE.goingAway, reason: 'the service is stopping' };

function refusalFor({ agent, workspaceId }: NewSession, taken: ReadonlyMap<string, Session>, limits: ConnectionLimits): Refusal | null {
  if (taken.size >= limits.connections) return { code: CLOSE.full, reason: 'no free connection' };
  if (agent === null) return null;
  // Agents name themselves: one of another workspace with the same name is another one.
  const own = [...taken.values()].filter((session) => session.agent === agent && session.workspaceId === workspaceId).length;
  return own < limits.connectionsPerAgent ? null : { code: CLOSE.policy, reason: 'too many connections for this agent' };
}

function statsOf(seen: readonly NewSession[]): ReturnType<Connections['stats']> {
  return { connections: seen.length, by_agent: countByAgent(seen) };
}

export function countByAgent(sessions: Iterable<NewSession>): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const { agent } of sessions) if (agent !== null) counts.set(agent, (counts.get(agent) ?? 0) + 1);
  return Object.fromEntries(counts);
}
