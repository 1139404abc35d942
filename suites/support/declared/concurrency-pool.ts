import type { CheckDeclaration } from '../../../harness/index.ts';

export const CONCURRENCY_POOL: readonly CheckDeclaration[] = [];
