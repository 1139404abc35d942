import { dirname, relative } from 'node:path';
import type { Profile } from '../model/criterion.ts';
import type { Target } from '../model/target.ts';
import type { EnvValues } from '../model/template.ts';
import { buildTarget } from './build-target.ts';
import { digestOf } from './digest.ts';
import { entriesOf, valueAt } from './finding.ts';
import { deepFreeze } from './freeze.ts';
import { isProfile, type Inputs } from './gather.ts';
import { notesOn } from './notes.ts';
import { mergeOverrides } from './overrides.ts';
import { recordTarget } from './provenance.ts';
import { withoutSecrets } from './redact.ts';
import { passwordsIn } from './url-passwords.ts';
import type { ResolvedConfig } from './resolved.ts';
import type { UserConfig, UserTarget } from './schema.ts';
import { DEFAULT_PROFILE, mergeSettings, type Origin, type SettingsLayer } from './settings.ts';

export interface ResolveOptions {
  readonly inputs: Inputs;
  /** Variables and flags, weakest first. */
  readonly outer: readonly SettingsLayer[];
  readonly cwd: string;
  readonly env: EnvValues;
}

/** Merges the layers of inputs that `inspect` found nothing wrong with, and records where every value came from. */
export function resolveConfig(options: ResolveOptions): ResolvedConfig {
  const provenance = new Map<string, Origin>([['profile', options.inputs.profile.origin]]);
  const user = userLayers(options.inputs);
  const settings = mergeSettings([...settingsLayers(user, options), ...options.outer], options.cwd, provenance);
  const target = targetOf(user, provenance);
  const criteria = mergeOverrides(
    [
      { criteria: user.target.criteria, origin: user.targetOrigin },
      { criteria: user.config.criteria, origin: user.configOrigin },
      { criteria: user.chosen?.criteria, origin: user.profileOrigin },
    ],
    { profile: user.profile, provider: settings.provider, env: options.env },
    provenance,
  );
  const allow = allowOf(user, provenance);
  const { outDir, loadWorkers, ...judged } = settings;
  const decisive = { target: portable(target, user.targetPath), criteria, profile: user.profile, ...judged, allow };
  return deepFreeze({
    ...decisive,
    target,
    outDir,
    loadWorkers,
    configFile: options.inputs.config?.file ?? null,
    targetFile: user.inline ? null : user.targetPath,
    digest: digestOf(withoutSecrets(decisive, options.inputs.secrets)),
    provenance,
    secrets: new Set([...options.inputs.secrets, ...(typeof loadWorkers === 'string' ? passwordsIn(loadWorkers) : [])]),
    notes: notesOn(user.target),
  });
}

interface UserLayers {
  readonly config: UserConfig;
  readonly target: UserTarget;
  readonly targetPath: string;
  /** The target is written within the config file. */
  readonly inline: boolean;
  readonly profile: Profile;
  /** What the config says about this profile. */
  readonly chosen: NonNullable<UserConfig['profiles']>[Profile];
  readonly configOrigin: Origin;
  readonly targetOrigin: Origin;
  readonly profileOrigin: Origin;
}

/** The casts name what the schema has proven. */
function userLayers({ config, target, profile: { value } }: Inputs): UserLayers {
  if (target === null) throw new TypeError('a config without a target passed the inspection');
  const profile = isProfile(value) ? value : DEFAULT_PROFILE;
  const user = (config?.source.value ?? {}) as UserConfig;
  return {
    config: user,
    target: valueAt(target.source.value, target.prefix) as UserTarget,
    targetPath: target.file,
    inline: target.prefix.length > 0,
    profile,
    chosen: user.profiles?.[profile],
    configOrigin: `file:${config?.source.label ?? ''}`,
    targetOrigin: `file:${target.source.label ?? ''}`,
    profileOrigin: `profile:${profile}`,
  };
}

function settingsLayers(user: UserLayers, { inputs, cwd }: ResolveOptions): readonly SettingsLayer[] {
  const folder = inputs.config === null ? cwd : dirname(inputs.config.file);
  return [
    { values: { ...user.config, ...user.config.load }, originOf: () => user.configOrigin, folder },
    { values: user.chosen ?? {}, originOf: () => user.profileOrigin, folder },
  ];
}

function targetOf(user: UserLayers, provenance: Map<string, Origin>): Target {
  const target = buildTarget(user.target, user.targetPath, [user.config.workload, user.chosen?.workload]);
  recordTarget(target, user.target, user.targetOrigin, provenance);
  recordWorkload(user.config.workload, user.configOrigin, provenance);
  recordWorkload(user.chosen?.workload, user.profileOrigin, provenance);
  return target;
}

function allowOf({ config, configOrigin }: UserLayers, provenance: Map<string, Origin>): ResolvedConfig['allow'] {
  provenance.set('allow.hosts', config.allow?.hosts === undefined ? 'default' : configOrigin);
  provenance.set('allow.faults', config.allow?.faults === undefined ? 'default' : configOrigin);
  return { hosts: config.allow?.hosts ?? [], faults: config.allow?.faults ?? false };
}

/** Folders relative to the target file, so that the digest is the same on every machine. */
function portable(target: Target, file: string): Target {
  const from = (path: string): string => relative(dirname(file), path);
  const services = target.services.map((service) => {
    if (service.kind !== 'http') return service;
    return { ...service, cwd: from(service.cwd), build: service.build && { ...service.build, context: from(service.build.context) } };
  });
  return { ...target, services, compose: target.compose && { ...target.compose, files: target.compose.files.map(from) } };
}

const WORKLOAD_KEYS: Readonly<Record<string, string>> = {
  agents: 'agents',
  rate: 'ratePerSecond',
  distinctTexts: 'distinctTexts',
  soak: 'soakMs',
};

function recordWorkload(workload: unknown, origin: Origin, provenance: Map<string, Origin>): void {
  for (const [key, value] of entriesOf(workload)) {
    const resolved = WORKLOAD_KEYS[key];
    if (resolved !== undefined && value !== undefined) provenance.set(`target.workload.${resolved}`, origin);
  }
  for (const [kind, weight] of entriesOf(valueAt(workload, ['mix'])))
    if (weight !== 0) provenance.set(`target.workload.mix.${kind}`, origin);
}
