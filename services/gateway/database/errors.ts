import { DatabaseError } from 'pg';
import { ServiceError, type ErrorCode } from '../../shared/service-error.ts';

/** Classes of SQLSTATE (first two characters) that mean "not now": connection, resources, intervention, system, roll-back. */
const UNAVAILABLE_CLASSES = new Set(['08', '40', '53', '55', '57', '58']);
const NOT_MIGRATED = '42P01';
const QUERY_CANCELED = '57014';
/** A constraint stood against what the caller wanted, and no code before it said so in better words. */
const BY_CONSTRAINT: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  '23503': ['conflict', 'something that the request names does not exist, or is still used'],
  '23505': ['already_exists', 'there is one like it'],
  '23514': ['validation_failed', 'the input holds a value that is out of range'],
  '23P01': ['conflict', 'it overlaps with one that exists'],
};
/** What the driver says, without a SQLSTATE, when there is no connection or it went away. */
const CONNECTION_TROUBLE =
  /connection|timeout exceeded when trying to connect|read timeout|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|pool after calling end|not queryable/i;

/** What the caller is told about a database error; null when it is not one. */
export function translateDatabaseError(error: unknown): ServiceError | null {
  if (error instanceof DatabaseError) return fromSqlState(error);
  if (!(error instanceof Error)) return null;
  const text =
    error instanceof AggregateError ? error.errors.map(String).join(' ') : `${error.message} ${'code' in error ? String(error.code) : ''}`;
  return CONNECTION_TROUBLE.test(text) ? unavailable(error) : null;
}

function fromSqlState(error: DatabaseError): ServiceError | null {
  const code = error.code ?? '';
  if (code === QUERY_CANCELED) return new ServiceError('timeout', 'the database did not finish in time', { cause: error });
  if (code === NOT_MIGRATED || UNAVAILABLE_CLASSES.has(code.slice(0, 2))) return unavailable(error);
  const constraint = BY_CONSTRAINT[code];
  if (constraint !== undefined) return new ServiceError(constraint[0], constraint[1], { cause: error });
  if (code.startsWith('22'))
    return new ServiceError('validation_failed', 'the input holds a value that cannot be stored', { cause: error });
  return null;
}

function unavailable(cause: Error): ServiceError {
  return new ServiceError('dependency_unavailable', 'the database is not available', { cause, retryAfterMs: 1000 });
}
