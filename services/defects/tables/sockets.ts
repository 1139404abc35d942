import type { DefectTable } from '../defect.ts';

/** WebSocket channels and events. */
export const SOCKETS_DEFECTS: DefectTable = {};
