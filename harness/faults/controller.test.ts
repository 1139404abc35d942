import { describe, expect, it } from 'vitest';
import { monotonicMs } from '../model/clock.ts';
import type { Environment } from '../model/environment.ts';
import { FaultController } from './controller.ts';
import { FAULTS } from './faults.ts';

function fixture() {
  const calls: string[] = [];
  const proof = (text: string) => ({ atMonotonicMs: monotonicMs(), proof: text });
  const environment: Environment = {
    provider: 'fixture',
    reason: '',
    services: new Map(),
    facts: {},
    stop: async (service, how) => {
      calls.push(`${how} ${service}`);
      if (service === 'stubborn') throw new Error('still answers');
      return proof(`${service} refuses connections`);
    },
    start: async (service) => {
      calls.push(`start ${service}`);
      return proof(`${service} answers`);
    },
    onUnexpectedExit: () => {},
    logTail: async () => [],
    cannot: {},
    stillCarried: async () => true,
    addressProof: async () => ({ ok: true, seen: '' }),
    reading: async () => null,
    audit: async () => [],
    [Symbol.asyncDispose]: async () => {},
  };
  const told: string[] = [];
  const controller = new FaultController({
    faults: FAULTS,
    environment,
    startMonotonicMs: monotonicMs(),
    onFault: ({ id, phase }) => told.push(`${phase} ${id}`),
  });
  return { controller, calls, told };
}

describe('FaultController', () => {
  it.each(Object.keys(FAULTS))('injects and heals %s with proof', async (name) => {
    const { controller, calls, told } = fixture();
    const { faultId, injected } = await controller.inject(name, 'db', 10_000);
    await controller.heal(faultId);
    expect(injected.proof).toBe('db refuses connections');
    expect(calls).toEqual([`${name} db`, 'start db']);
    expect(told).toEqual([`injected ${faultId}`, `healed ${faultId}`]);
    expect(controller.records()).toMatchObject([{ service: 'db', kind: name, proof: 'db refuses connections' }]);
    expect(controller.records()[0]?.healedAtMs).not.toBeNull();
  });

  it('heals only once, however often it is asked', async () => {
    const { controller, calls } = fixture();
    const { faultId } = await controller.inject('stop', 'db', 10_000);
    await Promise.all([controller.heal(faultId), controller.heal(faultId)]);
    await controller.healAll();
    expect(calls).toEqual(['stop db', 'start db']);
  });

  it('heals what a body left in force', async () => {
    const { controller, calls } = fixture();
    await controller.inject('stop', 'db', 10_000);
    expect(await controller.healAll()).toEqual([]);
    expect(calls).toEqual(['stop db', 'start db']);
  });

  it('heals by itself when the time limit is reached', async () => {
    const { controller, calls } = fixture();
    const { faultId } = await controller.inject('stop', 'db', 1);
    await expect.poll(() => calls).toEqual(['stop db', 'start db']);
    await controller.heal(faultId);
    expect(calls).toEqual(['stop db', 'start db']);
  });

  it('puts a service back even when the fault never came into force', async () => {
    const { controller, calls } = fixture();
    await expect(controller.inject('stop', 'stubborn', 10_000)).rejects.toThrow('still answers');
    await controller.healAll();
    expect(calls).toEqual(['stop stubborn', 'start stubborn']);
  });

  it('names the faults there are when asked for another', async () => {
    const { controller } = fixture();
    await expect(controller.inject('melt', 'db', 10)).rejects.toThrow('There is no fault "melt"; known are: stop, kill.');
  });
});
