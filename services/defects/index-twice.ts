import { alteredBy } from './altered-schema.ts';

/** As when two people saw the same slow query in the same week. */
export const INDEX_TWICE = alteredBy('create index if not exists audit_logs_by_at on audit_logs (at)');
