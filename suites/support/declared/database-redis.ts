import type { CheckDeclaration } from '../../../harness/index.ts';

export const DATABASE_REDIS: readonly CheckDeclaration[] = [];
