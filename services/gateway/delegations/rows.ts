import { ServiceError } from '../../shared/service-error.ts';

/** A runner that has not written for this long is taken for dead. Longer than any one answer may take. */
export const LEASE = `interval '15 seconds'`;
export const COLUMNS = `id, workspace_id, request, user_id, session_id, decision, experts, status, result, error, progress, deadline_at, version,
  created_at, started_at, finished_at, updated_at`;

export function noDelegation(id: string): ServiceError {
  return new ServiceError('not_found', `no delegation has the id "${id.slice(0, 64)}"`);
}
