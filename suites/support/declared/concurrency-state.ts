import type { CheckDeclaration } from '../../../harness/index.ts';

export const CONCURRENCY_STATE: readonly CheckDeclaration[] = [];
