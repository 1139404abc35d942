import type { CheckDeclaration } from '../../../harness/index.ts';

export const CONCURRENCY_CACHE: readonly CheckDeclaration[] = [];
