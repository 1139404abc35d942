import { SettingError } from '../shared/env.ts';
import type { Seams } from '../gateway/seams.ts';

/** Connects with the operator's role instead of the service's own: whatever goes wrong may then do anything, in every tenant. */
export const SUPERUSER_ROLE: Partial<Seams> = {
  pool: (pool, { defectDatabaseUrl }) => {
    if (defectDatabaseUrl === null) {
      throw new SettingError('MUSTER_DEFECT_DATABASE_URL is not set; superuser_role needs it: the database as a superuser');
    }
    pool.options.connectionString = defectDatabaseUrl;
    return pool;
  },
};
