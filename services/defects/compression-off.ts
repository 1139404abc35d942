import type { Seams } from '../gateway/seams.ts';

/** Every prompt goes out as it is, whatever mode was asked for. */
export const COMPRESSION_OFF: Partial<Seams> = {
  executor: (executor) => ({ execute: (request) => executor.execute({ ...request, mode: 'comprehensive' }) }),
};
