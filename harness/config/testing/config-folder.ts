import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { MusterError } from '../../model/errors.ts';
import { InvalidConfigError, loadConfig, type LoadConfigOptions, type ResolvedConfig } from '../index.ts';

/** Ids the tests' configs may name. */
const IDS = ['preflight.services.health', 'benchmark.latency_p95', 'benchmark.success', 'recovery.redis.time_to_recover'];

/** The smallest valid target file. */
export const MINIMAL = 'name: tiny\nservices:\n  api: { kind: http, command: node api.js }\n';

export type Files = Readonly<Record<string, string>>;

/** A folder of its own in which a test writes config files and loads them. */
export interface ConfigFolder extends AsyncDisposable {
  readonly path: string;
  load(files: Files, options?: Partial<LoadConfigOptions>): Promise<ResolvedConfig>;
  /** The error that loading ends with; throws when it ends well. */
  failure(files: Files, options?: Partial<LoadConfigOptions>): Promise<MusterError>;
  /** The message of the InvalidConfigError that loading ends with. */
  mistakes(files: Files, options?: Partial<LoadConfigOptions>): Promise<string>;
}

export async function createConfigFolder(): Promise<ConfigFolder> {
  const path = await mkdtemp(join(tmpdir(), 'muster-config-'));
  const load: ConfigFolder['load'] = async (files, options = {}) => {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(path, name)), { recursive: true });
      await writeFile(join(path, name), text);
    }
    return loadConfig({ cwd: path, env: {}, declaredIds: IDS, ...options });
  };
  const failure: ConfigFolder['failure'] = async (files, options) => {
    const error: unknown = await load(files, options).then(
      () => null,
      (caught: unknown) => caught,
    );
    if (error instanceof MusterError) return error;
    throw new Error('loading was expected to end with a MusterError', { cause: error });
  };
  return {
    path,
    load,
    failure,
    async mistakes(files, options) {
      const error = await failure(files, options);
      if (error instanceof InvalidConfigError) return error.message;
      throw new Error('loading was expected to end with an InvalidConfigError', { cause: error });
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true }),
  };
}
