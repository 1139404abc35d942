import type { CheckDeclaration } from '../../../harness/index.ts';

export const RECOVERY_STREAM: readonly CheckDeclaration[] = [];
