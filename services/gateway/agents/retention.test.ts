import { describe, expect, it } from 'vitest';
import type { Sql } from '../database/pool.ts';
import { deleteOldMessages } from './retention.ts';

/** Deletes what is there, a thousand at a time. */
function store(old: number) {
  const batches: number[] = [];
  const sql: Sql = {
    query: async () => {
      const rowCount = Math.min(1000, old);
      old -= rowCount;
      batches.push(rowCount);
      return { rows: [], rowCount };
    },
  };
  return { sql, batches };
}

describe('old messages', () => {
  it('go in batches until none is left', async () => {
    const { sql, batches } = store(2500);
    await deleteOldMessages(sql, 10, new AbortController().signal);
    expect(batches).toEqual([1000, 1000, 500]);
  });

  it('stay when the service stops', async () => {
    const { sql, batches } = store(2500);
    await deleteOldMessages(sql, 10, AbortSignal.abort());
    expect(batches).toEqual([]);
  });
});
