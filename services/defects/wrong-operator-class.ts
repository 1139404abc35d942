import type { Seams } from '../gateway/seams.ts';
import { withVectorIndex } from './with-vector-index.ts';

/** The index orders by another distance than the queries ask for, so no query uses it. */
export const WRONG_OPERATOR_CLASS: Partial<Seams> = {
  migrations: (migrations) => withVectorIndex(migrations, 'hnsw (embedding vector_l2_ops)'),
};
