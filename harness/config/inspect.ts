import type { CheckDeclaration } from '../model/criterion.ts';
import type { Mistake } from './errors.ts';
import type { Finding, Source } from './finding.ts';
import { entriesOf, mistakeOf, valueAt } from './finding.ts';
import type { Inputs } from './gather.ts';
import { isProfile } from './gather.ts';
import { findingsOf } from './issues.ts';
import { lintAddresses } from './lint-addresses.ts';
import { lintBindings } from './lint-bindings.ts';
import { lintBounds, lintOverrides, lintSelection } from './lint-criteria.ts';
import { lintMix } from './lint-mix.ts';
import { lintServices } from './lint-services.ts';
import { configJsonSchema, targetFile, userConfig, workers } from './schema.ts';
import { PROFILES } from '../model/criterion.ts';
import { SETTING_KEYS, type SettingsLayer } from './settings.ts';
import { suggest } from '../model/suggest.ts';

/** What is known about the checks; both absent: ids are not checked. */
export interface DeclaredChecks {
  readonly ids: readonly string[] | null;
  readonly declarations: readonly CheckDeclaration[];
}

/** Every mistake in the files, the variables and the flags. Empty: everything may be resolved. */
export function inspect(inputs: Inputs, layers: readonly SettingsLayer[], declared: DeclaredChecks): readonly Mistake[] {
  const { config, target, secrets } = inputs;
  const tie = (source: Source, findings: readonly Finding[]): readonly Mistake[] =>
    findings.map((finding) => mistakeOf(finding, source, secrets));
  return dropRepeated([
    ...(config === null
      ? []
      : tie(config.source, [...inConfig(config.source.value, config.findings, declared), ...mixesOf(config.source.value, inputs)])),
    ...(target === null ? [] : tie(target.source, inTarget(target, declared))),
    ...(target === null && config !== null ? tie(config.source, [NO_TARGET]) : []),
    ...profileMistakes(inputs),
    ...layers.flatMap((layer) => layerMistakes(layer, declared, secrets)),
    ...boundMistakes(inputs, declared),
    ...addressMistakes(inputs, layers),
  ]);
}

const NO_TARGET: Finding = {
  path: ['target'],
  problem: 'is missing',
  allowed: 'the path of a target file, or the target itself; or name a file with --target',
};

function inConfig(value: unknown, filling: readonly Finding[], { ids }: DeclaredChecks): readonly Finding[] {
  const parsed = userConfig.safeParse(value);
  const profiles = entriesOf(valueAt(value, ['profiles']));
  return [
    ...filling,
    ...(parsed.success ? [] : findingsOf(parsed.error.issues, value, configJsonSchema())),
    ...lintOverrides(value, ['criteria'], ids),
    ...profiles.flatMap(([name]) => lintOverrides(value, ['profiles', name, 'criteria'], ids)),
    ...(ids === null ? [] : selectionIn(value, [], ids)),
    ...(ids === null ? [] : profiles.flatMap(([name]) => selectionIn(value, ['profiles', name], ids))),
  ];
}

/** Mixes of the config are about the bindings of the target, whichever file it is in. */
function mixesOf(value: unknown, { target }: Inputs): readonly Finding[] {
  const bindings = target === null ? undefined : (valueAt(target.source.value, [...target.prefix, 'bindings']) ?? {});
  const profiles = entriesOf(valueAt(value, ['profiles'])).map(([name]) => ['profiles', name]);
  return [[], ...profiles].flatMap((path) => lintMix(value, path, bindings));
}

function selectionIn(root: unknown, path: readonly string[], ids: readonly string[]): readonly Finding[] {
  const values = Object.fromEntries(entriesOf(valueAt(root, path)));
  return lintSelection(values, ids).map((finding) => ({ ...finding, path: [...path, ...finding.path] }));
}

function inTarget(target: NonNullable<Inputs['target']>, { ids }: DeclaredChecks): readonly Finding[] {
  const value = valueAt(target.source.value, target.prefix);
  const own = target.prefix.length === 0;
  const parsed = own ? targetFile.safeParse(value) : null;
  const schema = parsed === null || parsed.success ? [] : findingsOf(parsed.error.issues, value, configJsonSchema('target'));
  const lints = [
    ...schema,
    ...lintServices(value),
    ...lintBindings(value),
    ...lintMix(value, [], valueAt(value, ['bindings']) ?? {}),
    ...lintOverrides(value, ['criteria'], ids),
  ];
  return [...(own ? target.findings : []), ...lints.map((finding) => ({ ...finding, path: [...target.prefix, ...finding.path] }))];
}

/** A profile from a flag or a variable; one from the file is checked with the file. */
function profileMistakes({ profile, secrets }: Inputs): readonly Mistake[] {
  if (isProfile(profile.value) || profile.origin.startsWith('file:')) return [];
  const name = profile.origin.replace(/^(?:flag|env):/, '');
  const source = { label: null, value: { [name]: profile.value }, lineOf: () => null };
  const finding = { path: [name], problem: 'names no profile', allowed: PROFILES.join(', '), suggestion: suggest(profile.value, PROFILES) };
  return [mistakeOf(finding, source, secrets)];
}

const settings = userConfig
  .pick({ provider: true, suites: true, only: true, skip: true, seed: true, deadline: true, out: true })
  .extend({ workers: workers.optional() });

/** Flags and variables: the path of a mistake is the name of the flag or variable. File layers were checked with their file. */
function layerMistakes(layer: SettingsLayer, { ids }: DeclaredChecks, secrets: ReadonlySet<string>): readonly Mistake[] {
  const parsed = settings.safeParse(layer.values);
  const found = [
    ...(parsed.success ? [] : findingsOf(parsed.error.issues, layer.values, configJsonSchema())),
    ...(ids === null ? [] : lintSelection(layer.values, ids)),
  ];
  return found.map((finding) => {
    const shown = 'shown' in finding ? finding.shown : valueAt(layer.values, finding.path);
    const key = SETTING_KEYS.find((setting) => setting === finding.path[0]) ?? finding.path[0] ?? '';
    const path = [layer.originOf(key).replace(/^(?:flag|env):/, '')];
    return mistakeOf({ ...finding, path, shown }, { label: null, value: null, lineOf: () => null }, secrets);
  });
}

/** Bounds are compared after merging: a pass bound in one file may contradict a no-go bound in another. */
function boundMistakes({ config, target, profile, secrets }: Inputs, { declarations }: DeclaredChecks): readonly Mistake[] {
  const places = [
    ...(target === null ? [] : [{ source: target.source, path: [...target.prefix, 'criteria'] }]),
    ...(config === null
      ? []
      : [
          { source: config.source, path: ['criteria'] },
          { source: config.source, path: ['profiles', profile.value, 'criteria'] },
        ]),
  ];
  const ids = new Set(places.flatMap(({ source, path }) => entriesOf(valueAt(source.value, path)).map(([id]) => id)));
  return [...ids].flatMap((id) => {
    const last = (key: string) => places.findLast(({ source, path }) => typeof valueAt(source.value, [...path, id, key]) === 'string');
    const textOf = (key: string): string | null => {
      const place = last(key);
      return place === undefined ? null : (valueAt(place.source.value, [...place.path, id, key]) as string);
    };
    const declaration = declarations.find((row) => row.id === id);
    return lintBounds(id, { pass: textOf('pass'), nogo: textOf('nogo') }, declaration).flatMap((finding) => {
      const key = finding.path.at(-1) ?? '';
      const place = last(key);
      return place === undefined ? [] : [mistakeOf({ ...finding, path: [...place.path, id, key] }, place.source, secrets)];
    });
  });
}

/** Addresses matter only to the provider that starts nothing itself. */
function addressMistakes({ config, target, profile, secrets }: Inputs, layers: readonly SettingsLayer[]): readonly Mistake[] {
  if (target === null || providerOf({ config, profile }, layers) !== 'external') return [];
  const hosts: unknown = valueAt(config?.source.value, ['allow', 'hosts']);
  const allowed = Array.isArray(hosts) ? hosts.filter((host) => typeof host === 'string') : [];
  return lintAddresses(valueAt(target.source.value, target.prefix), allowed).map((finding) =>
    mistakeOf({ ...finding, path: [...target.prefix, ...finding.path] }, target.source, secrets),
  );
}

/** The provider that is asked for, before anything is merged: the last layer that names one. */
function providerOf({ config, profile }: Pick<Inputs, 'config' | 'profile'>, layers: readonly SettingsLayer[]): unknown {
  const written = [['provider'], ['profiles', profile.value, 'provider']].map((path) => valueAt(config?.source.value, path));
  return [...written, ...layers.map(({ values }) => values['provider'])].findLast((value) => value !== undefined);
}

function dropRepeated(mistakes: readonly Mistake[]): readonly Mistake[] {
  return [...new Map(mistakes.map((mistake) => [JSON.stringify([mistake.source, mistake.path, mistake.problem]), mistake])).values()];
}
