import { alteredBy } from './altered-schema.ts';

/** As on the night when a query had to become faster and a text was too long: nobody wrote a migration. */
export const HOTFIX_BY_HAND = alteredBy(
  'create index if not exists hotfix_operations on operations (finished_at); alter table operations add column if not exists note text',
);
