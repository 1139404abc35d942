import { messageOf, MusterError } from '../model/errors.ts';
import { type Env, redisProgram } from './binaries.ts';
import { type Ledger, openLedger } from './ledger.ts';
import { choosePostgres } from './postgres-binaries.ts';
import { runProgram } from './run-program.ts';

export interface BinaryDescription {
  readonly found: boolean;
  /** Nothing is missing that a check needs (pgvector). */
  readonly complete: boolean;
  readonly text: string;
  /** What to do about one that was not found; none: `scripts/setup` helps. */
  readonly fix?: string;
}

/** Which Postgres and Redis a local run would use, in words; what was looked for when there is none. */
export async function describeBinaries(env: Env): Promise<{ readonly postgres: BinaryDescription; readonly redis: BinaryDescription }> {
  return { postgres: await describePostgres(env), redis: await describeRedis(env) };
}

async function describePostgres(env: Env): Promise<BinaryDescription> {
  let ledger: Ledger | null = null;
  try {
    ledger = openLedger({ runId: `doctor-${process.pid}` });
    const chosen = await choosePostgres(env, ledger);
    return { found: true, complete: chosen.extensionVersion('vector') !== null, text: chosen.reason };
  } catch (error) {
    return { found: false, complete: false, text: messageOf(error), ...(error instanceof MusterError ? { fix: error.hint } : {}) };
  } finally {
    ledger?.close();
  }
}

async function describeRedis(env: Env): Promise<BinaryDescription> {
  const { file, place, looked } = redisProgram(env);
  if (file === null || place === null) return { found: false, complete: false, text: `no Redis or Valkey; looked in ${looked.join('; ')}` };
  const libraries = place.libraryPath === null ? {} : { LD_LIBRARY_PATH: place.libraryPath };
  const { stdout, stderr } = await runProgram(file, ['--version'], { cwd: '/', env: libraries });
  const version = /v=(\S+)/u.exec(stdout)?.[1];
  return version === undefined
    ? { found: false, complete: false, text: `the Redis that was found does not run: ${stderr.trim() || stdout.trim()}` }
    : {
        found: true,
        complete: true,
        text: `Redis ${version} from ${place.origin === 'cache' ? 'the cache of scripts/setup' : `the ${place.origin === 'system' ? 'system' : 'configured place'}`}`,
      };
}
