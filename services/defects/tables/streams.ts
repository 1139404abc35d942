import type { DefectTable } from '../defect.ts';

/** Streams and cache. */
export const STREAMS_DEFECTS: DefectTable = {};
