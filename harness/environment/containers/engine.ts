import Docker from 'dockerode';
import { messageOf, MusterError } from '../../model/errors.ts';
import type { Env } from '../binaries.ts';
import { engineAddress, isHere } from './engine-address.ts';
import { engineAbsent } from './engine-errors.ts';

const PING_MS = 2_000;

/** A container engine that answers. Holds no connection between calls: nothing to close. */
export interface Engine {
  readonly docker: Docker;
  /** As in DOCKER_HOST: `unix:///var/run/docker.sock`, `tcp://host:2375`. */
  readonly address: string;
}

export type EngineSearch = { readonly engine: Engine } | { readonly engine: null; readonly address: string; readonly reason: string };

/** The client of the engine at an address; does not connect. `limit.timeout`: milliseconds per request. @throws MusterError (config) for an address that is none. */
export function engineAt(address: string, limit: { readonly timeout?: number } = {}): Engine {
  if (address.startsWith('unix://')) return { address, docker: new Docker({ ...limit, socketPath: address.slice('unix://'.length) }) };
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || !['tcp:', 'http:', 'https:'].includes(url.protocol)) throw noAddress(address);
  const protocol = url.protocol === 'https:' ? 'https' : 'http';
  return { address, docker: new Docker({ ...limit, host: url.hostname, port: Number(url.port || '2375'), protocol }) };
}

/** Asks the engine whether it is there; never rejects for one that is not. */
export async function findEngine(env: Env): Promise<EngineSearch> {
  const address = engineAddress(env);
  try {
    await engineAt(address, { timeout: PING_MS }).docker.ping();
    return { engine: engineAt(address) };
  } catch (error) {
    return { engine: null, address, reason: codeOf(error) };
  }
}

/** The engine that services are run on. @throws MusterError (environment) when none answers; (config) when it is on another host. */
export async function requireEngine(env: Env): Promise<Engine> {
  const address = engineAddress(env);
  if (/^(?:tcp|https?):/.test(address) && !isHere(address)) throw elsewhere(address);
  const found = await findEngine(env);
  if (found.engine === null) throw engineAbsent(found.address, found.reason);
  return found.engine;
}

/** `ECONNREFUSED`, `ENOENT` …, or the message of an error that has no code. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : messageOf(error);
}

function elsewhere(address: string): MusterError {
  return new MusterError(`The container engine at ${address} is on another host: what it publishes on loopback cannot be reached here.`, {
    code: 'MUSTER_ENGINE_ELSEWHERE',
    blame: 'config',
    hint: 'Run Muster on that host, unset DOCKER_HOST to use the local engine, or choose --provider local.',
  });
}

function noAddress(address: string): MusterError {
  return new MusterError(`DOCKER_HOST is "${address}"; unix:///path, tcp://host:port or http(s)://host:port was expected.`, {
    code: 'MUSTER_DOCKER_HOST',
    blame: 'config',
    hint: 'Correct DOCKER_HOST, or unset it to use the local engine.',
  });
}
