import type { CheckDeclaration } from '../../../harness/index.ts';

export const DATABASE_QUERIES: readonly CheckDeclaration[] = [];
