import type { IncomingHttpHeaders } from 'node:http';
import type { z } from 'zod';
import type { Actor } from '../../shared/actor.ts';
import { parseInput } from '../../shared/read-input.ts';
import { workspaceFor } from '../workspace.ts';
import type { Peer } from './peer.ts';

export type FrameHandler = (text: string) => void;
/** Called when the connection is open; returns what takes its frames. */
export type Opened = (peer: Peer) => FrameHandler;

/** What a channel knows of a client that wants to come in: everything checked against its schemas. */
export interface Entry<Params, Query> {
  readonly params: Params;
  readonly query: Query;
  readonly headers: IncomingHttpHeaders;
  readonly actor: Actor;
}

/** The schema of each message, by the name that the AsyncAPI document gives it. */
export type Messages = Readonly<Record<string, z.ZodType>>;

/** One row: what the server runs and what the AsyncAPI document says, so that the two cannot differ. */
export interface ChannelSpec<Params, Query> {
  /** As AsyncAPI writes it: `/ws/agents/{id}`. */
  readonly path: `/${string}`;
  readonly summary: string;
  readonly params?: z.ZodType<Params>;
  /** Every value arrives as text. */
  readonly query?: z.ZodType<Query>;
  /** What clients get. */
  readonly sends: Messages;
  /** What clients may say. */
  readonly receives: Messages;
  /** Sent when nothing else was for a while; each channel has its own dialect. */
  readonly heartbeatFrame: () => string;
  /** Whom the connection counts for; nobody when absent or null. */
  readonly agentOf?: (entry: Entry<Params, Query>) => string | null;
  /**
   * Before the handshake.
   * @throws ServiceError validation_failed or not_found (the connection is closed with 1003) or another (the handshake is refused).
   */
  readonly accept: (entry: Entry<Params, Query>) => Promise<Opened>;
}

/** What a client brings, unchecked. */
export interface RawEntry {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly actor: Actor;
}

export interface Entering {
  readonly agent: string | null;
  accept(): Promise<Opened>;
}

/** A `ChannelSpec` whose types are checked and forgotten, so that all of them fit into one list. */
export interface Channel extends Omit<ChannelSpec<unknown, unknown>, 'agentOf' | 'accept'> {
  /** @throws ServiceError validation_failed when parameters do not fit. */
  enter(raw: RawEntry): Entering;
}

export function channel<Params = Readonly<Record<string, never>>, Query = Readonly<Record<string, never>>>(
  spec: ChannelSpec<Params, Query>,
): Channel {
  const { agentOf, accept, ...row } = spec;
  return {
    ...row,
    enter: ({ params, query, headers, actor }) => {
      const entry: Entry<Params, Query> = {
        params: (spec.params === undefined ? {} : parseInput(spec.params, params)) as Params,
        query: (spec.query === undefined ? {} : parseInput(spec.query, Object.fromEntries(query))) as Query,
        headers,
        actor,
      };
      return { agent: agentOf?.(entry) ?? null, accept: () => accept(entry) };
    },
  };
}

/** Browsers cannot set headers on a WebSocket, so the query may name the workspace too. @throws ServiceError as `workspaceFor` does. */
export function workspaceOfEntry({ query, headers, actor }: Entry<unknown, { readonly workspace_id?: string | undefined }>): string {
  const given = query.workspace_id ?? headers['x-workspace-id'];
  return workspaceFor({ actor, header: () => (typeof given === 'string' ? given : undefined) });
}

/** Finds the channel of a path, and what stands in the path where the row has names. */
export function routeChannels(channels: readonly Channel[]): (path: string) => Route | null {
  const routes = channels.map((row) => ({ row, pattern: patternOf(row.path), named: row.path.includes('{') }));
  // A fixed path goes before one with a name in its place: /ws/agents/stream is no agent.
  const ordered = routes.toSorted((a, b) => Number(a.named) - Number(b.named));
  return (path) => {
    for (const { row, pattern } of ordered) {
      const match = pattern.exec(path);
      if (match !== null) return { channel: row, params: { ...match.groups } };
    }
    return null;
  };
}

export interface Route {
  readonly channel: Channel;
  readonly params: Readonly<Record<string, string>>;
}

function patternOf(path: string): RegExp {
  const escaped = path.replaceAll(/[.*+?^$()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^${escaped.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`);
}
