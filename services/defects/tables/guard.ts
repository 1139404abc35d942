import type { DefectTable } from '../defect.ts';

/** Audit and limits. */
export const GUARD_DEFECTS: DefectTable = {};
