import { z } from 'zod';
import type { Actor } from '../../shared/actor.ts';
import { endpoint, json, type Endpoint } from '../../shared/endpoint.ts';
import { time, uuid } from '../schemas.ts';
import { WORKSPACE_HEADER, workspaceFor } from '../workspace.ts';
import type { TrailQuery, Trails } from './trails.ts';

const trailQuery = z.object({
  since: z.iso.datetime({ offset: true }).optional(),
  cursor: z
    .string()
    .regex(/^\d{1,18}$/)
    .optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

const auditRecord = z
  .object({
    id: z.string(),
    event_type: z.string(),
    workspace_id: uuid.nullable(),
    subject: z.string().nullable(),
    actor: z.string(),
    request_id: z.string().nullable(),
    details: z.record(z.string(), z.unknown()),
    at: time,
  })
  .meta({ id: 'AuditRecord' });
const securityRecord = z
  .object({
    id: z.string(),
    event_type: z.string(),
    address: z.string().nullable(),
    actor: z.string().nullable(),
    workspace_id: uuid.nullable(),
    request_id: z.string().nullable(),
    reason: z.string(),
    occurrences: z.int().min(1),
    first_at: time,
    at: time,
  })
  .meta({ id: 'SecurityRecord' });

function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), next_cursor: z.string().nullable() });
}

export function auditEndpoints(trails: Trails): readonly Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/api/v1/audit',
      summary: 'What was done in the workspace, newest first',
      tag: 'access',
      headers: WORKSPACE_HEADER,
      query: trailQuery,
      answers: { 200: pageOf(auditRecord) },
      handle: async (call) => json(200, await trails.audit(asTrailQuery(call.query, workspaceFor(call)))),
    }),
    endpoint({
      method: 'get',
      path: '/api/v1/security-events',
      summary: 'What was refused, newest first: to a key of one workspace only what concerns it',
      tag: 'access',
      query: trailQuery,
      answers: { 200: pageOf(securityRecord) },
      handle: async (call) => json(200, await trails.security(asTrailQuery(call.query, visibleTo(call.actor)))),
    }),
  ];
}

/** Most of what is refused belongs to no workspace, because it is not known who came. */
function visibleTo(actor: Actor): string | null {
  return actor.workspaceId;
}

function asTrailQuery({ since, cursor, limit }: z.infer<typeof trailQuery>, workspaceId: string | null): TrailQuery {
  return { workspaceId, since, cursor, limit };
}
