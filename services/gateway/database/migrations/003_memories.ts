import type { Migration } from './migration.ts';

/** Only where the vector extension is installed: without it there is no such table and the memory routes answer 501. */
export const MEMORIES: Migration = {
  version: '003_memories',
  up: `
    do $$
    begin
      if exists (select from pg_extension where extname = 'vector') then
        create table memories (
          id uuid primary key,
          workspace_id uuid not null,
          content text not null,
          importance double precision not null check (importance between 0 and 1),
          tags text[] not null default '{}',
          access text not null check (access in ('private', 'team', 'shared')),
          embedding vector(384) not null,
          created_at timestamptz not null default now()
        );
        create index memories_by_distance on memories using hnsw (embedding vector_cosine_ops);
        create index memories_by_workspace on memories (workspace_id);
        create index memories_by_tag on memories using gin (tags);
      end if;
    end
    $$;`,
  down: `drop table if exists memories;`,
};
