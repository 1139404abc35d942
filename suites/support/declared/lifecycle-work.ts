import type { CheckDeclaration } from '../../../harness/index.ts';

export const LIFECYCLE_WORK: readonly CheckDeclaration[] = [];
