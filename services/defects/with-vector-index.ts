import type { Migration } from '../gateway/database/migrations/migration.ts';
import { migratedOtherwise } from './migrated-otherwise.ts';

const AS_IT_IS = 'create index memories_by_distance on memories using hnsw (embedding vector_cosine_ops);';

/** As if the migrations had made another vector index with the table, or none. */
export function withVectorIndex(migrations: readonly Migration[], create: string | null): readonly Migration[] {
  return migratedOtherwise(migrations, AS_IT_IS, create === null ? '' : `create index memories_by_distance on memories using ${create};`);
}
