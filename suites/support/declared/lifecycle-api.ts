import type { CheckDeclaration } from '../../../harness/index.ts';

export const LIFECYCLE_API: readonly CheckDeclaration[] = [];
