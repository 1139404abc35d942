import type { CheckDeclaration } from '../../../harness/index.ts';

export const EFFICIENCY_CACHE: readonly CheckDeclaration[] = [];
