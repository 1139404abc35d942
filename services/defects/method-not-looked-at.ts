import type { Seams } from '../gateway/seams.ts';

/** A route for reading is registered for every method: who deletes what cannot be deleted is told that all is well. */
export const METHOD_NOT_LOOKED_AT: Partial<Seams> = {
  endpoints: (rows) => {
    const meant = rows.find(({ method, path }) => method === 'get' && path === '/api/v1/audit');
    return meant === undefined ? rows : [...rows, { ...meant, method: 'delete' }];
  },
};
