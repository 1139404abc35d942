import { join } from 'node:path';

/** The variables the rule reads; `process.env` fits. */
export interface CacheDirEnv {
  readonly MUSTER_CACHE?: string | undefined;
  readonly XDG_CACHE_HOME?: string | undefined;
  readonly HOME?: string | undefined;
}

/**
 * The directory in which `scripts/setup` keeps the Postgres and Redis binaries; `scripts/setup` has the same rule in shell.
 * Root gets a place of its own because Postgres runs as an unprivileged user, who may not enter root's home.
 * @param uid of the process; undefined where the platform has none.
 */
export function cacheDir(env: CacheDirEnv, uid: number | undefined): string {
  if (env.MUSTER_CACHE) return env.MUSTER_CACHE;
  if (uid === 0) return '/var/cache/muster';
  return join(env.XDG_CACHE_HOME || join(env.HOME || '/', '.cache'), 'muster');
}
