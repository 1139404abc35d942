import { BREAKER_DEFAULTS, createBreaker, type Breaker } from '../shared/breaker.ts';
import { createJsonClient, type JsonClient } from '../shared/call-json.ts';
import type { GatewayConfig } from './config.ts';
import type { Seams } from './seams.ts';

const SOCKETS_TO_METER = 64;
const SOCKETS_TO_WORKER = 16;

/** A service that this one calls, with the breaker that guards the calls. */
export interface Dependency {
  readonly name: string;
  readonly url: string;
  readonly client: JsonClient;
  readonly breaker: Breaker;
}

export interface Outside {
  readonly meter: Dependency;
  readonly workers: readonly Dependency[];
  close(): void;
}

/**
 * Clients for everything outside this process but the stores; nothing is connected before it is called. Postgres has no breaker:
 * its pool waits 2 s for a connection at most and dials anew for each caller, so that its return is seen by the next request.
 */
export function openOutside(config: GatewayConfig, seams: Seams): Outside {
  const makeClient = seams.clients(createJsonClient);
  const makeBreaker = seams.breakers(createBreaker);
  const breakerOptions = { ...BREAKER_DEFAULTS, openMs: config.breakerOpenMs };
  const dependency = (name: string, url: string, sockets: number): Dependency => ({
    name,
    url,
    client: makeClient(name, url, sockets),
    breaker: makeBreaker(name, breakerOptions),
  });
  const meter = dependency('meter', config.meterUrl, SOCKETS_TO_METER);
  const workers = [...config.workerUrls].map(([name, url]) => dependency(name, url, SOCKETS_TO_WORKER));
  return {
    meter,
    workers,
    close: () => {
      for (const { client } of [meter, ...workers]) client.close();
    },
  };
}
