import { ServiceError, type ErrorCode } from '../../shared/service-error.ts';
import { translateDatabaseError } from '../database/errors.ts';
import { RPC_CODE, RpcError } from './json-rpc.ts';

const RPC_CODE_BY_ERROR: Partial<Record<ErrorCode, number>> = {
  validation_failed: RPC_CODE.invalidParams,
  not_found: RPC_CODE.invalidParams,
  no_match: RPC_CODE.invalidParams,
  timeout: RPC_CODE.timeout,
  dependency_unavailable: RPC_CODE.dependency,
  circuit_open: RPC_CODE.dependency,
  not_supported: RPC_CODE.dependency,
  rate_limited: RPC_CODE.rate,
  unauthorized: RPC_CODE.unauthorized,
  forbidden: RPC_CODE.unauthorized,
};

/** The JSON-RPC error for anything a method threw; the text of an unknown one stays in the log. */
export function toRpcError(error: unknown): RpcError {
  if (error instanceof RpcError) return error;
  const known = error instanceof ServiceError ? error : translateDatabaseError(error);
  if (known === null) return new RpcError(RPC_CODE.internal, 'the method failed');
  return new RpcError(RPC_CODE_BY_ERROR[known.code] ?? RPC_CODE.internal, known.message, { code: known.code, details: known.details });
}
