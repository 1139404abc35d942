import { ServiceError } from '../../shared/service-error.ts';
import type { OperationRow } from './operation.ts';
import { OPEN_STATUSES } from './states.ts';

/** A runner that has not written for this long is taken for dead. Longer than any one step may take. */
export const LEASE = `interval '35 seconds'`;
export const OPEN = OPEN_STATUSES.map((status) => `'${status}'`).join(', ');
export const COLUMNS = `id, workspace_id, type, status, parameters, metadata, require_validation, deadline_at, result, error, confidence,
  tokens, claims, version, created_at, started_at, finished_at, updated_at`;

export function noOperation(id: string): ServiceError {
  return new ServiceError('not_found', `no operation has the id "${id.slice(0, 64)}"`);
}

/** The lease of the claim ran out, and another runner has the operation now. */
export function takenOver({ id, status, claims }: OperationRow): Error {
  return new Error(`operation ${id} is no longer ${status} under claim ${claims}: another runner took it over`);
}
