import type { Hono } from 'hono';
import type { Endpoint } from '../shared/endpoint.ts';
import type { AppEnv } from '../shared/http-app.ts';
import type { Channel } from './ws/channel.ts';

/** What one part of the gateway adds to it. */
export interface Feature {
  readonly endpoints?: readonly Endpoint[];
  readonly channels?: readonly Channel[];
  /** Routes whose shapes another document describes: MCP has its own specification. */
  readonly routes?: readonly { readonly base: string; readonly app: Hono<AppEnv> }[];
  /** Takes up no further work of its own: begins as soon as the process stops, while requests still finish. */
  rest?(): Promise<void>;
  /** Ends background work: finishes the round that runs. */
  stop?(): Promise<void>;
}
