import type { TargetService } from '../model/target.ts';
import { type HeldPort, holdPort } from './ports.ts';

export type Ports = ReadonlyMap<string, HeldPort>;

/** A port on loopback for every service, held until it is started. @throws PortInUseError for a fixed one that is taken. */
export async function holdPorts(services: readonly TargetService[]): Promise<Ports> {
  const ports = new Map<string, HeldPort>();
  try {
    const fixedPort = (service: TargetService): number | null => (service.kind === 'http' ? service.port : null);
    // Fixed ones first: no other service may get one of them by chance.
    const fixedFirst = services.toSorted((a, b) => Number(fixedPort(a) === null) - Number(fixedPort(b) === null));
    for (const service of fixedFirst) ports.set(service.name, await holdPort(service.name, fixedPort(service)));
    return ports;
  } catch (error) {
    await releaseAll(ports);
    throw error;
  }
}

export async function releaseAll(ports: Ports): Promise<void> {
  await Promise.all([...ports.values()].map((held) => held.release()));
}

export function heldBy(ports: Ports, service: string): HeldPort {
  const held = ports.get(service);
  if (held === undefined) throw new Error(`invariant: no port is held for "${service}"`);
  return held;
}
