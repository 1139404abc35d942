import type { Seams } from '../gateway/seams.ts';
import { withVectorIndex } from './with-vector-index.ts';

/** The vector index is gone: every search compares every row. */
export const SEQ_SCAN: Partial<Seams> = { migrations: (migrations) => withVectorIndex(migrations, null) };
