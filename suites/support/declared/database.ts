import { DATABASE_SCHEMA } from './database-schema.ts';
import { DATABASE_QUERIES } from './database-queries.ts';
import { DATABASE_VECTOR } from './database-vector.ts';
import { DATABASE_TENANTS } from './database-tenants.ts';
import { DATABASE_REDIS } from './database-redis.ts';
import { row } from './row.ts';

const suite = 'database';

export const DATABASE = [
  row({
    id: 'database.transactions.idle_in_transaction',
    suite,
    severity: 'P0',
    claim: 'no connection sits idle inside a transaction while the target works',
    kind: 'level',
    unit: 'ms',
    pass: '< 250ms',
    nogo: '>= 250ms',
    minSamples: 20,
    requires: ['postgres', 'execute'],
    needs: [{ capability: 'admin', of: 'postgres' }],
    hint: 'Commit before calling a model or another service; open the transaction afterwards.',
  }),
  row({
    id: 'database.deadlocks.count',
    suite,
    severity: 'P0',
    claim: 'concurrent work causes no deadlock (server log and counter)',
    kind: 'count',
    unit: 'count',
    minSamples: 59,
    requires: ['postgres', 'register'],
    needs: [{ capability: 'admin', of: 'postgres' }],
    hint: 'Lock rows in one order everywhere; the server log shows both statements.',
  }),
  row({
    id: 'database.connections.peak',
    suite,
    severity: 'P1',
    claim: 'the target holds no more connections than it may',
    kind: 'level',
    unit: 'count',
    pass: '< 25 count',
    nogo: '>= 30 count',
    minSamples: 20,
    requires: ['postgres', 'execute'],
    needs: [{ capability: 'admin', of: 'postgres' }],
    hint: 'Share one bounded pool per process; count the processes.',
  }),
  row({
    id: 'database.stream.lost',
    suite,
    severity: 'P0',
    claim: 'every message the target acknowledged onto its stream is processed, and nothing stays pending',
    kind: 'count',
    unit: 'count',
    minSamples: 59,
    requires: ['redis', 'postgres', 'stream'],
    needs: [
      { capability: 'admin', of: 'postgres' },
      { capability: 'admin', of: 'redis' },
    ],
    hint: 'Acknowledge (XACK) after the work is committed, reclaim what a dead consumer left (XAUTOCLAIM).',
  }),
  ...DATABASE_SCHEMA,
  ...DATABASE_QUERIES,
  ...DATABASE_VECTOR,
  ...DATABASE_TENANTS,
  ...DATABASE_REDIS,
];
