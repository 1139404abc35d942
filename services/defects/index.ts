import { AS_IS, type Seams } from '../gateway/seams.ts';
import { SettingError } from '../shared/env.ts';
import { METER_AS_IS, type MeterSeams } from '../meter/seams.ts';
import { WORKER_AS_IS, type WorkerSeams } from '../worker/seams.ts';
import type { Defect, DefectTable } from './defect.ts';
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
 * The gateway's seams with the named defects in them; those of other processes change nothing here.
 * @throws SettingError for a name that is not in the catalogue, and for a service that others could reach.
 */
export async function plantDefects(names: readonly string[], host: string): Promise<Seams> {
  let seams = AS_IS;
  for (const defect of defectsNamed(names, host)) seams = { ...seams, ...(await defect.load?.()) };
  return seams;
}

/** The same for a worker. @throws SettingError as `plantDefects` does. */
export async function plantWorkerDefects(names: readonly string[], host: string): Promise<WorkerSeams> {
  let seams = WORKER_AS_IS;
  for (const defect of defectsNamed(names, host)) seams = { ...seams, ...(await defect.loadWorker?.()) };
  return seams;
}

/** The same for the model. @throws SettingError as `plantDefects` does. */
export async function plantMeterDefects(names: readonly string[], host: string): Promise<MeterSeams> {
  let seams = METER_AS_IS;
  for (const defect of defectsNamed(names, host)) seams = { ...seams, ...(await defect.loadMeter?.()) };
  return seams;
}

function defectsNamed(names: readonly string[], host: string): readonly Defect[] {
  if (!LOOPBACK.has(host)) throw new SettingError(`MUSTER_DEFECTS is set, but HOST is ${host}: defects are planted on loopback only`);
  return names.map((name) => {
    const defect = Object.hasOwn(DEFECTS, name) ? DEFECTS[name] : undefined;
    if (defect === undefined) throw new SettingError(`MUSTER_DEFECTS names "${name}"; known: ${Object.keys(DEFECTS).join(', ')}`);
    return defect;
  });
}
