import type { Pool } from 'pg';
import { z } from 'zod';
import type { Actor } from '../shared/actor.ts';
import { ServiceError } from '../shared/service-error.ts';

export const DEFAULT_WORKSPACE = '00000000-0000-4000-8000-000000000001';
export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** What endpoints that work in a workspace say about their headers. */
export const WORKSPACE_HEADER = { 'X-Workspace-Id': z.guid() } as const;

/**
 * The workspace that the caller names, or the one its key belongs to, or the default one.
 * @throws ServiceError validation_failed (not a UUID) or forbidden (the key belongs to another one).
 */
export function workspaceFor(call: { readonly actor: Actor; header(name: string): string | undefined }): string {
  const own = call.actor.workspaceId;
  const workspace = workspaceId(call.header('x-workspace-id') ?? own);
  if (own !== null && workspace !== own) throw new ServiceError('forbidden', 'the key belongs to another workspace');
  return workspace;
}

export function workspaceId(text: string | null | undefined): string {
  if (text === undefined || text === null || text === '') return DEFAULT_WORKSPACE;
  if (!UUID.test(text)) throw new ServiceError('validation_failed', `the workspace "${text.slice(0, 64)}" is not a UUID`);
  return text.toLowerCase();
}

/** Makes the workspace and its default project (which has the same id) on demand. */
export async function ensureWorkspace(pool: Pool, workspace: string): Promise<void> {
  await pool.query('insert into workspaces (id) values ($1) on conflict do nothing', [workspace]);
  await pool.query(`insert into projects (id, workspace_id, slug) values ($1, $1, 'default') on conflict do nothing`, [workspace]);
}
