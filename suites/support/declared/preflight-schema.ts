import type { CheckDeclaration } from '../../../harness/index.ts';

export const PREFLIGHT_SCHEMA: readonly CheckDeclaration[] = [];
