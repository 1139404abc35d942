import { access } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { MusterError } from '../model/errors.ts';
import { labelOf } from './read-source.ts';

const CONFIG_FILES = [
  'muster.config.ts',
  'muster.config.mts',
  'muster.config.js',
  'muster.config.mjs',
  'muster.config.yaml',
  'muster.config.yml',
  'muster.config.json',
];

/**
 * The config file: the named one, or the one in `cwd`; null when there is none and none was named.
 * @throws MusterError MUSTER_CONFIG_NOT_FOUND, MUSTER_CONFIG_AMBIGUOUS (two candidates, of which one would be ignored).
 */
export async function findConfigFile(cwd: string, named: string | undefined): Promise<string | null> {
  if (named !== undefined) return mustExist(resolve(cwd, named), { cwd, what: 'config file', setBy: '--config' });
  const found: string[] = [];
  for (const name of CONFIG_FILES) if (await exists(join(cwd, name))) found.push(name);
  if (found.length > 1) {
    throw new MusterError(`${cwd} holds ${found.length} config files: ${found.join(', ')}.`, {
      code: 'MUSTER_CONFIG_AMBIGUOUS',
      blame: 'config',
      hint: 'Delete all but one, or choose one with --config.',
    });
  }
  return found[0] === undefined ? null : join(cwd, found[0]);
}

/** Neither a config file nor a target file: there is nothing to assess. */
export function noConfig(cwd: string): MusterError {
  return new MusterError(`There is no config file in ${cwd}: looked for ${CONFIG_FILES.join(', ')}.`, {
    code: 'MUSTER_CONFIG_NOT_FOUND',
    blame: 'config',
    hint: 'Name a config file with --config or a target file with --target; targets/reference.yaml of Muster is a complete example.',
  });
}

interface Wanted {
  readonly cwd: string;
  readonly what: 'config file' | 'target file';
  /** The setting that named it. */
  readonly setBy: string;
}

/** @throws MusterError MUSTER_CONFIG_NOT_FOUND or MUSTER_TARGET_NOT_FOUND that names file and setting. */
export async function mustExist(file: string, { cwd, what, setBy }: Wanted): Promise<string> {
  if (await exists(file)) return file;
  throw new MusterError(`The ${what} ${labelOf(file, cwd)} (from ${setBy}) does not exist; looked in ${dirname(file)}.`, {
    code: what === 'config file' ? 'MUSTER_CONFIG_NOT_FOUND' : 'MUSTER_TARGET_NOT_FOUND',
    blame: 'config',
    hint: `Correct ${setBy}, or create the file.`,
  });
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
