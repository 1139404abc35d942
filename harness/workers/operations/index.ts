import type { MixEntry, Operation } from '../../load/index.ts';
import { MusterError } from '../../model/errors.ts';
import { suggest } from '../../model/suggest.ts';
import { eventsOperation } from './events.ts';
import { executeOperation } from './execute.ts';
import { httpOperation } from './http.ts';
import { mcpOperation } from './mcp.ts';
import type { OperationContext } from './operation-context.ts';
import { operationOperation } from './operation.ts';
import { redisOperation } from './redis.ts';
import { registerAppendOperation } from './register-append.ts';
import { sqlOperation } from './sql.ts';
import { streamOperation } from './stream.ts';
import { subscribeOperation } from './subscribe.ts';

export type { OpeningCount, OperationContext } from './operation-context.ts';

type Make = (entry: MixEntry, context: OperationContext) => Operation;

/** Every kind of operation a load can be made of: a new one is a file and a row. */
const OPERATIONS: Readonly<Record<string, Make>> = {
  execute: executeOperation,
  operation: operationOperation,
  'register.append': registerAppendOperation,
  http: httpOperation,
  mcp: mcpOperation,
  events: eventsOperation,
  subscribe: subscribeOperation,
  stream: streamOperation,
  sql: sqlOperation,
  redis: redisOperation,
};

/** @throws MusterError for a name without a row, MissingBinding for what the target does not bind. */
export function operationFor(entry: MixEntry, context: OperationContext): Operation {
  const make = Object.hasOwn(OPERATIONS, entry.operation) ? OPERATIONS[entry.operation] : undefined;
  if (make !== undefined) return make(entry, context);
  const known = Object.keys(OPERATIONS);
  const meant = suggest(entry.operation, known);
  throw new MusterError(`There is no load operation "${entry.operation}". Known: ${known.join(', ')}.`, {
    code: 'MUSTER_UNKNOWN_OPERATION',
    blame: 'config',
    hint: meant === null ? 'Name a known operation in the mix of the load.' : `Did you mean "${meant}"?`,
  });
}
