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
  /** The workspace of the client's key; null when it has none. */
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
  sessions(): readonly Session[];
  stats(): { readonly connections: number; readonly by_agent: Readonly<Record<string, number>> };
  /** Closes everybody, and who comes from now on. */
  closeAll(): void;
}

export type ConnectionLimits = Pick<WsLimits, 'connections' | 'connectionsPerAgent' | 'connectionsPerMinutePerAddress'>;

export function createConnections(limits: ConnectionLimits): Connections {
  const perAddress = new RateLimit(limits.connectionsPerMinutePerAddress, 60_000);
  const taken = new Map<string, Session>();
  const peers = new Map<string, Peer>();
  let stopping = false;
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
    sessions: () => [...taken.values()],
    stats: () => ({ connections: taken.size, by_agent: countByAgent(taken.values()) }),
    closeAll: () => {
      stopping = true;
      for (const peer of peers.values()) peer.close(STOPPING.code, STOPPING.reason);
    },
  };
}

const STOPPING: Refusal = { code: CLOSE.goingAway, reason: 'the service is stopping' };

function refusalFor({ agent }: NewSession, taken: ReadonlyMap<string, Session>, limits: ConnectionLimits): Refusal | null {
  if (taken.size >= limits.connections) return { code: CLOSE.full, reason: 'no free connection' };
  if (agent === null) return null;
  const own = [...taken.values()].filter((session) => session.agent === agent).length;
  return own < limits.connectionsPerAgent ? null : { code: CLOSE.policy, reason: 'too many connections for this agent' };
}

export function countByAgent(sessions: Iterable<NewSession>): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const { agent } of sessions) if (agent !== null) counts.set(agent, (counts.get(agent) ?? 0) + 1);
  return Object.fromEntries(counts);
}
