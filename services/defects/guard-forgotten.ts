import type { Seams } from '../gateway/seams.ts';
import { withEndpoint } from './with-endpoint.ts';

/** One route is registered before the guard: the one that shows who did what. */
export const GUARD_FORGOTTEN: Partial<Seams> = withEndpoint('get', '/api/v1/audit', (row) => ({ ...row, open: true }));
