export { defineConfig, type ConfigExport } from './define.ts';
export type { ConfigContext } from './script-context.ts';
export {
  configJsonSchema,
  PROVIDERS,
  type Provider,
  type UserConfig,
  type UserOverride,
  type UserService,
  type UserTarget,
} from './schema.ts';
export { InvalidConfigError, type Mistake } from './errors.ts';
export { loadConfig, type LoadConfigOptions } from './load.ts';
export type { ResolvedConfig } from './resolved.ts';
export type { ConfigFlags, Origin } from './settings.ts';
export type { CriterionOverride } from './overrides.ts';
export { resolveCriteria, type CriteriaConfig } from './criteria.ts';
export { redactText } from './redact.ts';
export { readDuration, type Read } from './quantities.ts';
