import type { ConfigContext } from './script-context.ts';
import type { UserConfig } from './schema.ts';

/** What `muster.config.ts` may export: the config itself, or a function of environment and profile. */
export type ConfigExport = UserConfig | ((context: ConfigContext) => UserConfig | Promise<UserConfig>);

/** Gives a config file its types; returns what it is given. */
export function defineConfig<T extends ConfigExport>(config: T): T {
  return config;
}
