import type { DefectTable } from '../defect.ts';

/** Health, readiness, stopping. */
export const HEALTH_DEFECTS: DefectTable = {};
