import type { Seams } from '../gateway/seams.ts';

const DEFAULT_LIMIT_MS = 30_000;

/** The caller's limit is checked, and the client's default is used. */
export const TIMEOUT_IGNORED: Partial<Seams> = {
  executor: (executor) => ({ execute: (request) => executor.execute({ ...request, timeoutMs: DEFAULT_LIMIT_MS }) }),
};
