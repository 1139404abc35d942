import { DatabaseError } from 'pg';
import { messageOf } from '../shared/log.ts';
import { ServiceError } from '../shared/service-error.ts';
import type { Seams } from '../gateway/seams.ts';

/** What went wrong inside goes out with the answer, for whoever debugs it: message, stack, and where in the database. */
export const ERROR_LEAK: Partial<Seams> = {
  errors: (translate) => (error) => {
    const known = translate(error) ?? new ServiceError('internal', 'the request failed');
    const where = error instanceof DatabaseError ? { table: error.table, column: error.column, routine: error.routine } : {};
    const stack = error instanceof Error ? error.stack : undefined;
    return new ServiceError(known.code, messageOf(error), {
      details: { stack, ...where },
      ...(known.retryAfterMs === undefined ? {} : { retryAfterMs: known.retryAfterMs }),
    });
  },
};
