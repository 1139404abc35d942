import { describe, expect, it } from 'vitest';
import type { FaultProof } from '../model/environment.ts';
import { Lease } from './lease.ts';

/** Services that are up or down, and may refuse to come back. */
class Switches {
  readonly down = new Set<string>();
  readonly stuck = new Set<string>();

  async stop(service: string): Promise<FaultProof> {
    this.down.add(service);
    return { atMonotonicMs: 0, proof: 'refused' };
  }

  async start(service: string): Promise<FaultProof> {
    if (this.stuck.has(service)) throw new Error('no space left');
    this.down.delete(service);
    return { atMonotonicMs: 0, proof: 'ready' };
  }
}

describe('Lease', () => {
  it('starts again what the run stopped, and nothing else', async () => {
    const switches = new Switches();
    switches.down.add('stopped by hand');
    const lease = new Lease(switches);
    await lease.stop('redis', 'kill');
    await lease.stop('web', 'stop');
    await lease.start('web');

    expect(await lease.heal()).toEqual([]);
    expect([...switches.down]).toEqual(['stopped by hand']);
  });

  it('starts again what was being stopped when the run vanished', async () => {
    const switches = new Switches();
    const lease = new Lease(switches);
    const stopping = lease.stop('redis', 'kill');
    const healed = lease.heal();
    await stopping;

    expect(await healed).toEqual([]);
    expect([...switches.down]).toEqual([]);
  });

  it('says what could not be started, and tries it again when asked again', async () => {
    const switches = new Switches();
    const lease = new Lease(switches);
    await lease.stop('redis', 'kill');
    switches.stuck.add('redis');

    expect(await lease.heal()).toEqual(['"redis" was stopped by this run and could not be started again: no space left']);
    switches.stuck.clear();
    expect(await lease.heal()).toEqual([]);
    expect([...switches.down]).toEqual([]);
  });
});
