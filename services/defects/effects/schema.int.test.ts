import { send } from '../../testing/client.ts';
import { query } from '../../testing/stores.ts';
import { SCHEMA_DEFECTS } from '../tables/schema.ts';
import { describeEffects } from '../../testing/effects.ts';

describeEffects(SCHEMA_DEFECTS, {
  migration_skipped: async (gateway, { postgres }) => {
    const claimed = (await send(gateway, 'GET /version')).body['schema_head'];
    const { rows } = await query(postgres.adminUrl, 'select version from schema_migrations order by version desc limit 1');
    return rows[0]?.['version'] === claimed ? [] : [`the database is at ${String(rows[0]?.['version'])}, not at ${String(claimed)}`];
  },
});
