import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { ServiceError } from '../../shared/service-error.ts';
import { embed } from './embedding.ts';

export interface NewMemory {
  readonly content: string;
  readonly importance: number;
  readonly tags: readonly string[];
  readonly access: 'private' | 'team' | 'shared';
}

export interface MemorySearch {
  readonly query?: string | undefined;
  readonly embedding?: readonly number[] | undefined;
  readonly limit: number;
  readonly max_distance?: number | undefined;
}

export interface Memories {
  /** Whether the vector extension was there when the schema was made. */
  available(): Promise<boolean>;
  /** @throws ServiceError validation_failed (no words) or not_supported. */
  store(workspaceId: string, memory: NewMemory): Promise<Readonly<Record<string, unknown>>>;
  /** Nearest first, by cosine distance. @throws ServiceError as `store`. */
  search(
    workspaceId: string,
    search: MemorySearch,
  ): Promise<readonly { readonly id: string; readonly content: string; readonly distance: number }[]>;
}

export function createMemories(pool: Pool): Memories {
  const available = async (): Promise<boolean> => {
    const { rows } = await pool.query<{ there: boolean }>(`select to_regclass('memories') is not null as there`);
    return rows[0]?.there === true;
  };
  const required = async (): Promise<void> => {
    if (!(await available()))
      throw new ServiceError('not_supported', 'memories need the vector extension, which this database does not have');
  };
  return {
    available,
    store: async (workspaceId, memory) => {
      await required();
      const { rows } = await pool.query<Record<string, unknown>>(
        `insert into memories (id, workspace_id, content, importance, tags, access, embedding) values ($1, $2, $3, $4, $5, $6, $7::vector)
         returning id, content, importance, tags, access, created_at`,
        [randomUUID(), workspaceId, memory.content, memory.importance, memory.tags, memory.access, vector(embed(memory.content))],
      );
      return rows[0] ?? {};
    },
    search: async (workspaceId, { query, embedding, limit, max_distance: maxDistance }) => {
      await required();
      const { rows } = await pool.query<{ id: string; content: string; distance: number }>(
        `select id, content, embedding <=> $2::vector as distance from memories
         where workspace_id = $1 and ($4::float8 is null or embedding <=> $2::vector <= $4) order by embedding <=> $2::vector limit $3`,
        [workspaceId, vector(embedding ?? embed(query ?? '')), limit, maxDistance ?? null],
      );
      return rows;
    },
  };
}

/** @throws ServiceError validation_failed: the direction of a zero vector is undefined, and so is its distance to anything. */
function vector(values: readonly number[]): string {
  if (values.every((value) => value === 0)) throw new ServiceError('validation_failed', 'there is no word to search or store by');
  return `[${values.join(',')}]`;
}
