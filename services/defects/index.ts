import { AS_IS, type Seams } from '../gateway/seams.ts';
import { SettingError } from '../shared/env.ts';
import type { DefectTable } from './defect.ts';
import { GUARD_DEFECTS } from './tables/guard.ts';
import { HEALTH_DEFECTS } from './tables/health.ts';
import { MEMORIES_DEFECTS } from './tables/memories.ts';
import { RPC_DEFECTS } from './tables/rpc.ts';
import { SCHEMA_DEFECTS } from './tables/schema.ts';
import { SOCKETS_DEFECTS } from './tables/sockets.ts';
import { STATE_DEFECTS } from './tables/state.ts';
import { STORE_DEFECTS } from './tables/store.ts';
import { STREAMS_DEFECTS } from './tables/streams.ts';
import { TOKENS_DEFECTS } from './tables/tokens.ts';
import { WORK_DEFECTS } from './tables/work.ts';

/** The catalogue: one file and one row per defect, one table per area. */
export const DEFECTS: DefectTable = {
  ...STATE_DEFECTS,
  ...SCHEMA_DEFECTS,
  ...STORE_DEFECTS,
  ...MEMORIES_DEFECTS,
  ...STREAMS_DEFECTS,
  ...WORK_DEFECTS,
  ...TOKENS_DEFECTS,
  ...RPC_DEFECTS,
  ...SOCKETS_DEFECTS,
  ...HEALTH_DEFECTS,
  ...GUARD_DEFECTS,
};

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

/**
 * The seams with the named defects in them.
 * @throws SettingError for a name that is not in the catalogue, and for a service that others could reach.
 */
export async function plantDefects(names: readonly string[], host: string): Promise<Seams> {
  if (!LOOPBACK.has(host)) throw new SettingError(`MUSTER_DEFECTS is set, but HOST is ${host}: defects are planted on loopback only`);
  let seams = AS_IS;
  for (const name of names) {
    const defect = Object.hasOwn(DEFECTS, name) ? DEFECTS[name] : undefined;
    if (defect === undefined) throw new SettingError(`MUSTER_DEFECTS names "${name}"; known: ${Object.keys(DEFECTS).join(', ')}`);
    seams = { ...seams, ...(await defect.load?.()) };
  }
  return seams;
}
