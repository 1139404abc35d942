import type { DefectTable } from '../defect.ts';

/** Memories. */
export const MEMORIES_DEFECTS: DefectTable = {};
