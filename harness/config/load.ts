import type { CheckDeclaration } from '../model/criterion.ts';
import type { EnvValues } from '../model/template.ts';
import { InvalidConfigError } from './errors.ts';
import { gather } from './gather.ts';
import { inspect } from './inspect.ts';
import { resolveConfig } from './resolve.ts';
import type { ResolvedConfig } from './resolved.ts';
import { type ConfigFlags, envLayer, flagLayer } from './settings.ts';

export interface LoadConfigOptions {
  /** Absolute folder in which the config file is looked for. */
  readonly cwd: string;
  /** `--config` */
  readonly file?: string | undefined;
  /** `--target` */
  readonly targetFile?: string | undefined;
  /** `--profile` */
  readonly profile?: string | undefined;
  /** Usually `process.env`; nothing else is read from the process. */
  readonly env: EnvValues;
  readonly flags?: ConfigFlags | undefined;
  /** Ids that may be overridden, skipped …; without them (and without `declarations`) ids and suite names are not checked. */
  readonly declaredIds?: readonly string[] | undefined;
  /** The declared checks themselves: bounds are then also checked against their units and their own bounds. */
  readonly declarations?: readonly CheckDeclaration[] | undefined;
}

/**
 * Finds, reads and resolves the configuration: defaults < file < profile < `MUSTER_*` < flags.
 * @throws InvalidConfigError with all mistakes at once.
 * @throws MusterError (blame config) for a file that is missing, ambiguous or cannot be parsed.
 */
export async function loadConfig(options: LoadConfigOptions): Promise<ResolvedConfig> {
  const { cwd, env, file, targetFile, profile, declarations = [] } = options;
  const inputs = await gather({ cwd, env, file, targetFile, profile });
  const outer = [envLayer(env, cwd), flagLayer(options.flags ?? {}, cwd)];
  const ids = [...declarations.map(({ id }) => id), ...(options.declaredIds ?? [])];
  const mistakes = inspect(inputs, outer, { ids: ids.length === 0 ? null : ids, declarations });
  if (mistakes.length > 0) throw new InvalidConfigError(mistakes);
  return resolveConfig({ inputs, outer, cwd, env });
}
