import { resolve } from 'node:path';
import type { Profile } from '../model/criterion.ts';
import type { EnvValues } from '../model/template.ts';
import { readDuration } from './quantities.ts';
import type { Provider, UserConfig } from './schema.ts';

/** Where a value came from: the last layer that set it. */
export type Origin = 'default' | `file:${string}` | `profile:${string}` | `env:${string}` | `flag:--${string}`;

/** The command line as parsed; absent or undefined means not given. */
export interface ConfigFlags {
  readonly provider?: string | undefined;
  readonly suites?: readonly string[] | undefined;
  readonly only?: readonly string[] | undefined;
  readonly skip?: readonly string[] | undefined;
  readonly seed?: number | undefined;
  readonly deadlineMs?: number | undefined;
  readonly out?: string | undefined;
  readonly workers?: number | string | undefined;
}

/** The scalar settings a layer may set, in user form; `workers` is `load.workers` of a file. */
export type UserSettings = Pick<UserConfig, 'provider' | 'suites' | 'only' | 'skip' | 'seed' | 'deadline' | 'out'> &
  NonNullable<UserConfig['load']>;
export type SettingKey = keyof UserSettings;

export const SETTING_KEYS = [
  'provider',
  'suites',
  'only',
  'skip',
  'seed',
  'deadline',
  'out',
  'workers',
] as const satisfies readonly SettingKey[];

/** One place settings come from. `values` are unchecked until they passed the schema. */
export interface SettingsLayer {
  readonly values: Readonly<Record<string, unknown>>;
  readonly originOf: (key: string) => Origin;
  /** Folder a relative `out` is relative to. */
  readonly folder: string;
}

const ENV_NAMES: Record<SettingKey, string> = {
  provider: 'MUSTER_PROVIDER',
  suites: 'MUSTER_SUITES',
  only: 'MUSTER_ONLY',
  skip: 'MUSTER_SKIP',
  seed: 'MUSTER_SEED',
  deadline: 'MUSTER_DEADLINE',
  out: 'MUSTER_OUT',
  workers: 'MUSTER_WORKERS',
};

const FLAG_NAMES: Record<SettingKey, string> = {
  provider: 'provider',
  suites: 'suite',
  only: 'only',
  skip: 'skip',
  seed: 'seed',
  deadline: 'deadline',
  out: 'out',
  workers: 'workers',
};

/** `MUSTER_*` variables; an empty one counts as unset, lists are separated by commas. */
export function envLayer(env: EnvValues, folder: string): SettingsLayer {
  const values: Record<string, unknown> = {};
  for (const key of SETTING_KEYS) {
    const text = env[ENV_NAMES[key]]?.trim();
    if (text !== undefined && text !== '') values[key] = fromText(key, text);
  }
  return { values, originOf: (key) => `env:${ENV_NAMES[key as SettingKey]}`, folder };
}

export function flagLayer(flags: ConfigFlags, folder: string): SettingsLayer {
  const { deadlineMs, ...others } = flags;
  const values: Record<string, unknown> = Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined));
  if (deadlineMs !== undefined) values['deadline'] = `${deadlineMs}ms`;
  return { values, originOf: (key) => `flag:--${FLAG_NAMES[key as SettingKey]}`, folder };
}

export interface ResolvedSettings {
  readonly provider: Provider;
  readonly suites: readonly string[] | null;
  readonly only: readonly string[] | null;
  readonly skip: readonly string[];
  readonly seed: number | null;
  readonly deadlineMs: number | null;
  readonly outDir: string;
  readonly loadWorkers: number | string;
}

/** Later layers win, key by key. The layers' values have passed the schema. */
export function mergeSettings(layers: readonly SettingsLayer[], cwd: string, provenance: Map<string, Origin>): ResolvedSettings {
  const take = <K extends SettingKey>(key: K, path: string): { readonly value: UserSettings[K]; readonly folder: string } => {
    const layer = layers.findLast(({ values }) => values[key] !== undefined);
    provenance.set(path, layer?.originOf(key) ?? 'default');
    return { value: layer?.values[key] as UserSettings[K], folder: layer?.folder ?? cwd };
  };
  const deadline = take('deadline', 'deadlineMs').value;
  const read = deadline === undefined ? null : readDuration(deadline);
  const out = take('out', 'outDir');
  return {
    provider: take('provider', 'provider').value ?? 'auto',
    suites: take('suites', 'suites').value ?? null,
    only: take('only', 'only').value ?? null,
    skip: take('skip', 'skip').value ?? [],
    seed: take('seed', 'seed').value ?? null,
    deadlineMs: read?.ok === true ? read.value : null,
    outDir: resolve(out.folder, out.value ?? 'muster-report'),
    loadWorkers: take('workers', 'load.workers').value ?? 1,
  };
}

export interface ChosenProfile {
  readonly value: string;
  readonly origin: Origin;
}

/** The profile by name, unchecked; flag before variable before file before `full`. */
export function chooseProfile(
  flag: string | undefined,
  env: EnvValues,
  file: { readonly profile: unknown; readonly label: string } | null,
): ChosenProfile {
  const variable = env['MUSTER_PROFILE']?.trim();
  if (flag !== undefined) return { value: flag, origin: 'flag:--profile' };
  if (variable !== undefined && variable !== '') return { value: variable, origin: 'env:MUSTER_PROFILE' };
  if (file !== null && typeof file.profile === 'string') return { value: file.profile, origin: `file:${file.label}` };
  return { value: DEFAULT_PROFILE, origin: 'default' };
}

export const DEFAULT_PROFILE: Profile = 'full';

function fromText(key: SettingKey, text: string): unknown {
  if (key === 'suites' || key === 'only' || key === 'skip')
    return text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
  return (key === 'seed' || key === 'workers') && /^\d{1,15}$/.test(text) ? Number(text) : text;
}
