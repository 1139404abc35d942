import type { Pool } from 'pg';
import { ServiceError } from '../../shared/service-error.ts';
import type { Audit } from '../audit/audit.ts';
import type { Sql } from '../database/pool.ts';
import { inWorkspace } from '../database/workspace-transaction.ts';
import { embed } from './embedding.ts';
import { insertMemory, latestMemories, readMemory, removeMemory } from './rows.ts';
import type { NearestSearch, SearchResult } from './search.ts';

export type Access = 'private' | 'team' | 'shared';

export interface NewMemory {
  readonly content: string;
  readonly importance: number;
  readonly tags: readonly string[];
  readonly access: Access;
}

export interface Memory extends NewMemory {
  readonly id: string;
  readonly owner: string | null;
  readonly created_at: Date;
}

/** On whose behalf: a workspace sees nothing of another; within it a private memory is seen by its owner only. */
export interface MemoryCaller {
  readonly workspaceId: string;
  readonly owner: string | null;
}

export interface MemorySearch {
  readonly by: { readonly query: string } | { readonly embedding: readonly number[] };
  readonly limit: number;
  readonly maxDistance: number | null;
}

export interface Memories {
  /** Whether the schema has memories: it has where the vector extension was there when it was made. */
  available(): Promise<boolean>;
  /**
   * @param idempotencyKey sent twice, the memory is stored once; `created` is false the second time.
   * @throws ServiceError validation_failed (no words), not_supported, or idempotency_conflict when the key was used for another memory.
   */
  store(
    caller: MemoryCaller,
    memory: NewMemory,
    idempotencyKey: string | null,
  ): Promise<{ readonly memory: Memory; readonly created: boolean }>;
  /** Nearest first, by cosine distance. @throws ServiceError validation_failed (no words) or not_supported. */
  search(caller: MemoryCaller, search: MemorySearch): Promise<SearchResult>;
  /** Newest first. @throws ServiceError not_supported. */
  latest(caller: MemoryCaller, limit: number): Promise<readonly Memory[]>;
  /** @throws ServiceError not_found or not_supported. */
  get(caller: MemoryCaller, id: string): Promise<Memory>;
  /** @returns what is gone now. @throws ServiceError not_found or not_supported. */
  remove(caller: MemoryCaller, id: string): Promise<Memory>;
}

export interface MemoriesDeps {
  readonly pool: Pool;
  readonly audit: Audit;
  readonly nearest: NearestSearch;
  /** Awaited after each commit that changed what a workspace remembers, before it is acknowledged. */
  readonly changed: (workspaceId: string) => Promise<void>;
}

/** Filtered index scans that end with too few rows are what older versions do. */
const SUPPORTED = `select to_regclass('memories') is not null and exists (
  select from pg_extension where extname = 'vector' and string_to_array(extversion, '.')::int[] >= '{0,8}') as supported`;

export function createMemories({ pool, audit, nearest, changed }: MemoriesDeps): Memories {
  let known = false;
  /** Asked until it is there: a schema does not lose it. */
  const available = async (): Promise<boolean> => {
    if (!known) known = (await pool.query<{ supported: boolean }>(SUPPORTED)).rows[0]?.supported === true;
    return known;
  };
  const within = async <T>(caller: MemoryCaller, work: (sql: Sql) => Promise<T>): Promise<T> => {
    if (!(await available()))
      throw new ServiceError('not_supported', 'memories need the vector extension, 0.8 or newer, which this database does not have');
    return inWorkspace(pool, caller.workspaceId, work);
  };
  return {
    available,
    store: async (caller, memory, key) => {
      const vector = vectorOf(embed(memory.content));
      const result = await within(caller, (sql) => insertMemory(sql, audit, { caller, memory, key, vector }));
      if (result.created) await changed(caller.workspaceId);
      return result;
    },
    search: async (caller, { by, limit, maxDistance }) => {
      const vector = vectorOf('query' in by ? embed(by.query) : by.embedding);
      return within(caller, (sql) => nearest(sql, { ...caller, vector, limit, maxDistance }));
    },
    latest: (caller, limit) => within(caller, (sql) => latestMemories(sql, caller, limit)),
    get: (caller, id) => within(caller, (sql) => readMemory(sql, caller, id)),
    remove: async (caller, id) => {
      const memory = await within(caller, (sql) => removeMemory(sql, audit, caller, id));
      await changed(caller.workspaceId);
      return memory;
    },
  };
}

/** What is smaller than a `real` can be is nothing. */
const TINY = 1e-30;

/**
 * Of length 1: cosine distance knows directions only, and the database keeps less precision than a client may send.
 * @throws ServiceError validation_failed: the direction of a zero vector is undefined, and so is its distance to anything.
 */
function vectorOf(values: readonly number[]): string {
  const length = Math.hypot(...values);
  if (length === 0) throw new ServiceError('validation_failed', 'there is no word to search or store by');
  const unit = values.map((value) => value / length);
  return `[${unit.map((value) => (Math.abs(value) < TINY ? 0 : value)).join(',')}]`;
}
