import type { Seams } from '../gateway/seams.ts';
import { withVectorIndex } from './with-vector-index.ts';

/** IVFFlat finds its lists in the rows that are there when it is made: made with the table, it has none to learn from. */
export const IVFFLAT_EMPTY: Partial<Seams> = {
  migrations: (migrations) => withVectorIndex(migrations, 'ivfflat (embedding vector_cosine_ops) with (lists = 100)'),
};
