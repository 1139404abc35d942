import { alteredBy } from './altered-schema.ts';

/** As after an import that was to be there for a day. */
export const TABLE_WITHOUT_KEY = alteredBy('create table if not exists import_2025_11 (agent uuid, note text)');
