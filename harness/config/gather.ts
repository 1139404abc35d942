import { dirname, resolve } from 'node:path';
import { PROFILES, type Profile } from '../model/criterion.ts';
import type { EnvValues } from '../model/template.ts';
import type { Finding, Source } from './finding.ts';
import { valueAt } from './finding.ts';
import { findConfigFile, mustExist, noConfig } from './find-files.ts';
import { interpolate } from './interpolate.ts';
import { readSource } from './read-source.ts';
import { readTlsFiles } from './read-tls.ts';
import { chooseProfile, DEFAULT_PROFILE, type ChosenProfile } from './settings.ts';

export interface GatherOptions {
  readonly cwd: string;
  readonly file: string | undefined;
  readonly targetFile: string | undefined;
  readonly profile: string | undefined;
  readonly env: EnvValues;
}

/** One read file: the environment filled in, and what went wrong at that. */
export interface Gathered {
  readonly file: string;
  readonly source: Source;
  readonly findings: readonly Finding[];
}

export interface Inputs {
  /** null: there is no config file. */
  readonly config: Gathered | null;
  /** Where the target is written: its own file, or the config file under `target`. null: nowhere. */
  readonly target: (Gathered & { readonly prefix: readonly string[] }) | null;
  readonly profile: ChosenProfile;
  readonly secrets: ReadonlySet<string>;
}

/** Finds and reads every file; nothing is checked yet. @throws MusterError for what is missing or cannot be parsed. */
export async function gather(options: GatherOptions): Promise<Inputs> {
  const { cwd, env } = options;
  const configFile = await findConfigFile(cwd, options.file);
  const secrets = new Set<string>();
  const early = chooseProfile(options.profile, env, null).value;
  const context = { env, profile: isProfile(early) ? early : DEFAULT_PROFILE };
  const read = async (file: string): Promise<Gathered> => {
    const source = await readSource(file, cwd, context);
    const filled = interpolate(source.value ?? {}, env);
    const certified = await readTlsFiles(filled.value, dirname(file));
    for (const secret of [...filled.secrets, ...certified.secrets]) secrets.add(secret);
    return { file, source: { ...source, value: certified.value }, findings: [...filled.findings, ...certified.findings] };
  };
  const config = configFile === null ? null : await read(configFile);
  const named = nameTarget(options, config);
  if (config === null && named === null) throw noConfig(cwd);
  const inline = config !== null && typeof valueAt(config.source.value, ['target']) === 'object';
  return {
    config,
    target:
      named !== null
        ? { ...(await read(await mustExist(named.file, { cwd, what: 'target file', setBy: named.setBy }))), prefix: [] }
        : inline
          ? { ...config, prefix: ['target'] }
          : null,
    profile: chooseProfile(
      options.profile,
      env,
      config === null ? null : { profile: valueAt(config.source.value, ['profile']), label: config.source.label ?? '' },
    ),
    secrets,
  };
}

export function isProfile(text: string): text is Profile {
  return PROFILES.some((profile) => profile === text);
}

/** The target file named by flag, variable or config, in this order; null when the config holds the target itself. */
function nameTarget(
  { cwd, targetFile, env }: GatherOptions,
  config: Gathered | null,
): { readonly file: string; readonly setBy: string } | null {
  if (targetFile !== undefined) return { file: resolve(cwd, targetFile), setBy: '--target' };
  const variable = env['MUSTER_TARGET']?.trim();
  if (variable !== undefined && variable !== '') return { file: resolve(cwd, variable), setBy: 'MUSTER_TARGET' };
  const written = config === null ? undefined : valueAt(config.source.value, ['target']);
  return config === null || typeof written !== 'string' || written.trim() === ''
    ? null
    : { file: resolve(dirname(config.file), written), setBy: `\`target\` in ${config.source.label ?? config.file}` };
}
