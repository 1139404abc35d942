import { alteredBy } from './altered-schema.ts';

/** Postgres reads committed all the same: what the setting does shows on the day when somebody sets another one. */
export const ISOLATION_DEFAULT = alteredBy(`alter role current_user set default_transaction_isolation = 'read uncommitted'`);
