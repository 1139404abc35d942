import { setTimeout as delay } from 'node:timers/promises';
import { monotonicMs } from '../../model/clock.ts';
import { MusterError } from '../../model/errors.ts';
import { PortInUseError } from '../errors.ts';
import { type HeldPort, isFree } from '../ports.ts';
import { portHolder } from '../sockets.ts';
import { removeContainer } from './container-calls.ts';
import { StartRefused } from './container-plan.ts';
import type { Engine } from './engine.ts';
import { engineError, isPortTaken, refusalOf, refusedCommand } from './engine-errors.ts';
import type { Startable } from './testcontainers.ts';

const TRIES = 3;
const PORT_FREE_MS = 1_000;
const POLL_MS = 10;

export interface StartRequest {
  readonly engine: Engine;
  readonly service: string;
  readonly held: HeldPort;
  readonly signal: AbortSignal;
  /** A new container of testcontainers: one can be started only once. `created` has to be called with its id. */
  readonly make: (created: (container: string) => void) => Startable;
  readonly created: (container: string) => void;
}

/**
 * Makes a container and starts it on the port that was held for it until now. Somebody else may take the port in between: then again,
 * when it gets free within a second.
 * @throws StartRefused when image or target are to blame; PortInUseError; MusterError (environment) for a failure of the engine.
 */
export async function startContainer(request: StartRequest): Promise<void> {
  const { engine, service, held, signal } = request;
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted();
    let id: string | null = null;
    try {
      const container = request.make((created) => {
        id = created;
        request.created(created);
      });
      await held.release();
      await container.start();
      return;
    } catch (error) {
      if (id !== null) await discard(engine, id, service);
      signal.throwIfAborted();
      if (!isPortTaken(error)) throw startError(error, service, engine);
      if (attempt >= TRIES || !(await freed(held.port))) throw new PortInUseError(service, held.port, await portHolder(held.port));
    }
  }
}

async function discard(engine: Engine, id: string, service: string): Promise<void> {
  try {
    await removeContainer(engine.docker.getContainer(id));
  } catch (error) {
    throw engineError(error, `remove the container of "${service}" that did not start`, engine.address);
  }
}

async function freed(port: number): Promise<boolean> {
  const endMs = monotonicMs() + PORT_FREE_MS;
  while (monotonicMs() < endMs) {
    if (await isFree(port)) return true;
    await delay(POLL_MS);
  }
  return false;
}

function startError(error: unknown, service: string, engine: Engine): Error {
  const reason = refusedCommand(error);
  if (reason !== null) return new StartRefused(reason);
  const { status, text } = refusalOf(error);
  if (status === 400 && /memory limit|range of cpus/i.test(text)) return limitsError(text, service);
  return engineError(error, `start "${service}"`, engine.address);
}

function limitsError(said: string, service: string): MusterError {
  return new MusterError(`The engine refuses services.${service}.resources: ${said.replace(/\.$/, '')}.`, {
    code: 'MUSTER_RESOURCES',
    blame: 'config',
    hint: 'Choose limits this engine can give, or leave them out.',
  });
}
