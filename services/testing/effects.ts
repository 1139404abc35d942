import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBacking, startTestGateway, type Backing, type Gateway } from './stack.ts';
import { query } from './stores.ts';
import type { DefectTable } from '../defects/defect.ts';

/**
 * What is wrong as seen from outside, one sentence each; nothing when all is well. `planted` is for a probe that starts further
 * processes: they get the same defects.
 */
export type Probe = (gateway: Gateway, backing: Backing, planted: readonly string[]) => Promise<readonly string[]>;

/**
 * One test per defect of the table: its probe finds something with the defect and nothing without it.
 * @param env what the gateways are started with besides their stores.
 */
export function describeEffects(
  defects: DefectTable,
  probes: Readonly<Record<string, Probe>>,
  env: (backing: Backing) => Readonly<Record<string, string>> = () => ({}),
): void {
  let backing: Backing;
  beforeAll(async () => {
    backing = await startBacking();
  });
  afterAll(() => backing.dispose());

  const findings = async (probe: Probe, planted: readonly string[]): Promise<readonly string[]> => {
    await emptyStores(backing);
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
      expect(await findings(probe, [])).toEqual([]);
      expect(await findings(probe, [name])).not.toEqual([]);
    });
  });
}

/** What a healthy gateway does at once takes this long at most, even on a machine that does much else. */
export const PATIENCE_MS = 4_000;

/** Whether it becomes true in time: for what a healthy gateway does much sooner. */
export async function comesTrue(holds: () => Promise<boolean>, withinMs = PATIENCE_MS): Promise<boolean> {
  const endsAtMs = performance.now() + withinMs;
  while (performance.now() < endsAtMs) {
    if (await holds()) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}

/** Each probe gets a database without any table and a Redis without any key. */
async function emptyStores({ postgres, redis }: Backing): Promise<void> {
  await query(postgres.adminUrl, 'drop schema public cascade');
  await query(postgres.adminUrl, 'create schema public authorization service');
  const { rows } = await query(postgres.adminUrl, `select from pg_available_extensions where name = 'vector'`);
  if (rows.length > 0) await query(postgres.adminUrl, 'create extension if not exists vector');
  await redis.flush();
}
