import { row } from './row.ts';

const suite = 'preflight';
const dependsOn = ['preflight.services.ready', 'preflight.services.stay_up', 'preflight.migrations.head'];

export const PREFLIGHT_SCHEMA = [
  row({
    id: 'preflight.schema.enums',
    suite,
    severity: 'P0',
    claim: 'every enumerated type that the target declares has exactly the declared labels in the database',
    kind: 'boolean',
    minSamples: 1,
    requires: ['postgres', 'stores.enums'],
    dependsOn,
    needs: [{ capability: 'admin', of: 'postgres' }],
    hint: 'Store the values of the enumeration, not the names of its members; rename labels with ALTER TYPE … RENAME VALUE.',
  }),
  row({
    id: 'preflight.schema.columns',
    suite,
    severity: 'P0',
    claim: 'every column that the target declares is there',
    kind: 'boolean',
    minSamples: 1,
    requires: ['postgres', 'stores.columns'],
    dependsOn,
    needs: [{ capability: 'admin', of: 'postgres' }],
    hint: 'The schema was changed by hand: compare it with what the migrations make (database.schema.drift) and write a migration.',
  }),
];
