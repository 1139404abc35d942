import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { embed } from '../gateway/memories/embedding.ts';

export interface SeededMemory {
  readonly id: string;
  readonly workspaceId: string;
  readonly content: string;
}

const TOPICS = 40;
const WORDS_OF_A_TOPIC = 60;
const LENGTH = 14;

/** The same text for the same number, about one of 40 topics: a query has near neighbours and far ones. */
export function textOf(seed: number): string {
  let state = seed + 1;
  const next = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const topic = next(TOPICS) * 10;
  return Array.from({ length: LENGTH }, () => `word${topic + next(WORDS_OF_A_TOPIC)}`).join(' ');
}

/** Writes past the service, as superuser, and lets the planner know what is there. */
export async function seedMemories(adminUrl: string, sizes: ReadonlyMap<string, number>): Promise<readonly SeededMemory[]> {
  const memories = [...sizes].flatMap(([workspaceId, size], place) =>
    Array.from({ length: size }, (_, index) => ({ id: randomUUID(), workspaceId, content: textOf(place * 7919 + index) })),
  );
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  try {
    for (let from = 0; from < memories.length; from += 500) {
      const batch = memories.slice(from, from + 500);
      await client.query(
        `insert into memories (id, workspace_id, content, importance, access, embedding)
         select id, workspace_id, content, 0.5, 'shared', embedding::vector
         from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]) as seeded (id, workspace_id, content, embedding)`,
        [
          batch.map(({ id }) => id),
          batch.map(({ workspaceId }) => workspaceId),
          batch.map(({ content }) => content),
          batch.map(({ content }) => `[${embed(content).join(',')}]`),
        ],
      );
    }
    await client.query('analyze memories');
  } finally {
    await client.end();
  }
  return memories;
}

/** Distances of the nearest, by comparing every row of the workspace. */
export async function exactDistances(adminUrl: string, workspaceId: string, text: string, limit: number): Promise<readonly number[]> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await client.query('set enable_indexscan = off');
    const { rows } = await client.query<{ distance: number }>(
      'select embedding <=> $1::vector as distance from memories where workspace_id = $2 order by distance limit $3',
      [`[${embed(text).join(',')}]`, workspaceId, limit],
    );
    return rows.map(({ distance }) => distance);
  } finally {
    await client.end();
  }
}
