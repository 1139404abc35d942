import { AS_IS, type Seams } from '../gateway/seams.ts';
import { SettingError } from '../shared/env.ts';
import { METER_AS_IS, type MeterSeams } from '../meter/seams.ts';
import { WORKER_AS_IS, type WorkerSeams } from '../worker/seams.ts';
import type { Defect, DefectTable } from './defect.ts';
import { API_DEFECTS } from './tables/api.ts';
import { ECONOMY_DEFECTS } from './tables/economy.ts';
import { GUARD_DEFECTS } from './tables/guard.ts';
import { HEALTH_DEFECTS } from './tables/health.ts';
import { LIMITS_DEFECTS } from './tables/limits.ts';
import { MEMORIES_DEFECTS } from './tables/memories.ts';
import { MIGRATIONS_DEFECTS } from './tables/migrations.ts';
import { QUERIES_DEFECTS } from './tables/queries.ts';
import { RPC_DEFECTS } from './tables/rpc.ts';
import { SCHEMA_DEFECTS } from './tables/schema.ts';
import { SHARED_VALUES_DEFECTS } from './tables/shared-values.ts';
import { SOCKETS_DEFECTS } from './tables/sockets.ts';
import { STATE_DEFECTS } from './tables/state.ts';
import { STORE_DEFECTS } from './tables/store.ts';
import { STREAMS_DEFECTS } from './tables/streams.ts';
import { TOKENS_DEFECTS } from './tables/tokens.ts';
import { WORK_DEFECTS } from './tables/work.ts';

/** The catalogue: one file and one row per defect, one table per area. */
export const DEFECTS: DefectTable = {
  ...STATE_DEFECTS,
  ...SHARED_VALUES_DEFECTS,
  ...SCHEMA_DEFECTS,
  ...MIGRATIONS_DEFECTS,
  ...STORE_DEFECTS,
  ...QUERIES_DEFECTS,
  ...MEMORIES_DEFECTS,
  ...STREAMS_DEFECTS,
  ...WORK_DEFECTS,
  ...TOKENS_DEFECTS,
  ...ECONOMY_DEFECTS,
  ...RPC_DEFECTS,
  ...SOCKETS_DEFECTS,
  ...HEALTH_DEFECTS,
  ...GUARD_DEFECTS,
  ...API_DEFECTS,
  ...LIMITS_DEFECTS,
};

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

/**
 * The gateway's seams with the named defects in them; those of other processes change nothing here.
 * @throws SettingError for a name that is not in the catalogue, for two that replace the same part, and for a service that others
 * could reach.
 */
export async function plantDefects(names: readonly string[], host: string): Promise<Seams> {
  return planted(AS_IS, defectsNamed(names, host), (defect) => defect.load?.());
}

/** The same for a worker. @throws SettingError as `plantDefects` does. */
export async function plantWorkerDefects(names: readonly string[], host: string): Promise<WorkerSeams> {
  return planted(WORKER_AS_IS, defectsNamed(names, host), (defect) => defect.loadWorker?.());
}

/** The same for the model. @throws SettingError as `plantDefects` does. */
export async function plantMeterDefects(names: readonly string[], host: string): Promise<MeterSeams> {
  return planted(METER_AS_IS, defectsNamed(names, host), (defect) => defect.loadMeter?.());
}

type Load<T> = (defect: Defect) => Promise<Partial<T>> | undefined;

/** What defects wrap, never replace: several may do so, one around the other. */
const WRAPPED: readonly string[] = [
  'executor',
  'model',
  'endpoints',
  'budgets',
  'migrations',
  'migrator',
  'cache',
  'feeds',
  'streamLog',
  'redis',
];

/** Two in the same place would leave one of them out without a word, unless they wrap it. */
async function planted<T extends object>(asIs: T, defects: ReadonlyMap<string, Defect>, load: Load<T>): Promise<T> {
  const owners = new Map<string, string>();
  let seams = asIs;
  for (const [name, defect] of defects) {
    const parts = (await load(defect)) ?? {};
    for (const part of Object.keys(parts)) {
      const owner = owners.get(part);
      if (owner !== undefined && !WRAPPED.includes(part))
        throw new SettingError(`MUSTER_DEFECTS names ${owner} and ${name}: both replace "${part}"`);
      owners.set(part, name);
    }
    seams = around(seams, parts);
  }
  return seams;
}

type Wrap = (part: unknown, ...context: readonly unknown[]) => unknown;

/** What is not to be wrapped stands in place of what was there. */
function around<T extends object>(inner: T, outer: Partial<T>): T {
  const before = inner as Readonly<Record<string, Wrap>>;
  const wrapped = Object.entries(outer as Readonly<Record<string, Wrap>>).map(([name, wrap]): readonly [string, Wrap] => {
    const within = before[name];
    if (within === undefined || !WRAPPED.includes(name)) return [name, wrap];
    return [name, (part, ...context) => wrap(within(part, ...context), ...context)];
  });
  return { ...inner, ...Object.fromEntries(wrapped) };
}

function defectsNamed(names: readonly string[], host: string): ReadonlyMap<string, Defect> {
  if (!LOOPBACK.has(host)) throw new SettingError(`MUSTER_DEFECTS is set, but HOST is ${host}: defects are planted on loopback only`);
  const named = names.map((name): readonly [string, Defect] => {
    const defect = Object.hasOwn(DEFECTS, name) ? DEFECTS[name] : undefined;
    if (defect === undefined) throw new SettingError(`MUSTER_DEFECTS names "${name}"; known: ${Object.keys(DEFECTS).join(', ')}`);
    return [name, defect];
  });
  return new Map(named);
}
