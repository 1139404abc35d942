import type { CheckDeclaration } from '../../../harness/index.ts';

export const DATABASE_SCHEMA: readonly CheckDeclaration[] = [];
