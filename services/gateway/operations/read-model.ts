import type { Redis } from 'ioredis';
import type { OperationRow, OperationStore } from './operation.ts';
import { toOperation } from './view.ts';

/** A copy for other programs, as GET /operations/{id} answers it. Nothing here reads it: the table is the truth. */
export interface ReadModel {
  /** After a commit. Never fails: without Redis there is no copy, and an old one ends with its time. */
  publish(operation: OperationRow): Promise<void>;
}

const TTL_SECONDS = 3600;
/** A writer that comes late must not bring an older version back. */
const SET_IF_NEWER = `
  local kept = redis.call('get', KEYS[1])
  if kept and cjson.decode(kept).version > tonumber(ARGV[2]) then return 0 end
  redis.call('set', KEYS[1], ARGV[1], 'EX', ARGV[3])
  return 1`;

export function createReadModel(redis: Redis, store: Pick<OperationStore, 'get'>, onError: (error: unknown) => void): ReadModel {
  return {
    publish: async ({ id, workspace_id: workspaceId }) => {
      if (redis.status !== 'ready') return;
      try {
        const { operation, steps } = await store.get(workspaceId, id);
        const json = JSON.stringify(toOperation(operation, steps));
        await redis.eval(SET_IF_NEWER, 1, `operation:${id}`, json, operation.version, TTL_SECONDS);
      } catch (error) {
        onError(error);
      }
    },
  };
}
