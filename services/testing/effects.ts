import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { learnPatience, usePatience } from './patience.ts';
import { startBacking, startTestGateway, type Backing, type Gateway } from './stack.ts';
import { query } from './stores.ts';
import type { DefectTable } from '../defects/defect.ts';

export { comesTrue, shows, watchedMs } from './patience.ts';

/**
 * What is wrong as seen from outside, one sentence each; nothing when all is well. `planted` is for a probe that starts further
 * processes: they get the same defects.
 */
export type Probe = (gateway: Gateway, backing: Backing, planted: readonly string[]) => Promise<readonly string[]>;

interface AloneProbe {
  readonly alone: (backing: Backing, planted: readonly string[]) => Promise<readonly string[]>;
}

/** A probe that starts its gateway, if it needs one, by itself. */
export const alone = (probe: AloneProbe['alone']): AloneProbe => ({ alone: probe });

/**
 * One test per defect of the table: its probe finds something with the defect and nothing without it.
 * @param env what the gateways are started with besides their stores.
 */
export function describeEffects(
  defects: DefectTable,
  probes: Readonly<Record<string, Probe | AloneProbe>>,
  env: (backing: Backing) => Readonly<Record<string, string>> = () => ({}),
): void {
  let backing: Backing;
  beforeAll(async () => {
    backing = await startBacking();
  });
  afterAll(() => backing.dispose());

  const findings = async (probe: Probe | AloneProbe, planted: readonly string[]): Promise<readonly string[]> => {
    await emptyStores(backing);
    if (typeof probe !== 'function') return probe.alone(backing, planted);
    const gateway = await startTestGateway(backing, planted, env(backing));
    try {
      return await probe(gateway, backing, planted);
    } finally {
      await gateway.stop();
    }
  };

  describe('a planted defect', () => {
    it('has a probe', () => {
      expect(Object.keys(probes).toSorted()).toEqual(Object.keys(defects).toSorted());
    });

    it.each(Object.entries(probes))('%s shows from outside, and its probe finds nothing without it', async (name, probe) => {
      learnPatience();
      expect(await findings(probe, [])).toEqual([]);
      usePatience();
      expect(await findings(probe, [name])).not.toEqual([]);
    });
  });
}

/** Each probe gets a database without any table and a Redis without any key. */
async function emptyStores({ postgres, redis }: Backing): Promise<void> {
  await query(postgres.adminUrl, 'drop schema public cascade');
  await query(postgres.adminUrl, 'create schema public authorization service');
  const { rows } = await query(postgres.adminUrl, `select from pg_available_extensions where name = 'vector'`);
  if (rows.length > 0) await query(postgres.adminUrl, 'create extension if not exists vector');
  await redis.flush();
}
