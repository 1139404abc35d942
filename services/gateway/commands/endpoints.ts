import { z } from 'zod';
import { endpoint, headerValue, json, type Endpoint } from '../../shared/endpoint.ts';
import { IDEMPOTENCY_HEADER, byId, cursor, idempotencyKey, pageOf, time, uuid } from '../schemas.ts';
import { plannedTasks, strategy } from '../workflows/endpoints.ts';
import { WORKFLOW_STATUSES } from '../workflows/states.ts';
import { WORKSPACE_HEADER, workspaceFor } from '../workspace.ts';
import type { Commands } from './command.ts';

const MAX_VERSION = 1_000_000;

/** It goes into paths, where `.` and `..` mean something else. */
const commandName = z
  .string()
  .regex(/^\w[\w.-]{0,63}$/, 'must be 1 to 64 of letters, digits, "_", "-" and ".", and not begin with one of the last two');
const version = z.int().min(1).max(MAX_VERSION);
const person = z.string().trim().min(1).max(128);
const policy = z.strictObject({ requires_approval: z.boolean() }).meta({ examples: [{ requires_approval: true }] });
const newCommand = z.strictObject({
  name: commandName,
  version: version.default(1),
  strategy: strategy.default('sequential'),
  steps: plannedTasks,
  policy: policy.default({ requires_approval: false }),
});
const listQuery = z.object({ limit: z.coerce.number().int().min(1).max(200).default(50), cursor: cursor.optional() });

const step = z.object({
  id: z.string(),
  name: z.string(),
  capability: z.string(),
  depends_on: z.array(z.string()),
  work_ms: z.int(),
});
const command = z
  .object({
    id: uuid,
    workspace_id: uuid,
    name: z.string(),
    version: z.int(),
    strategy,
    steps: z.array(step),
    policy: z.object({ requires_approval: z.boolean() }),
    created_at: time,
  })
  .meta({ id: 'Command' });
const execution = z
  .object({
    execution_id: uuid,
    workspace_id: uuid,
    command: z.string(),
    version: z.int(),
    workflow_id: uuid,
    status: z.enum(['approval_required', 'rejected', ...WORKFLOW_STATUSES]),
    requested_by: z.string(),
    decided_by: z.string().nullable(),
    decided_at: time.nullable(),
    error: z.string().nullable(),
    created_at: time,
    finished_at: time.nullable(),
  })
  .meta({ id: 'CommandExecution' });

const common = { tag: 'commands', headers: WORKSPACE_HEADER } as const;

export function commandEndpoints(commands: Commands): readonly Endpoint[] {
  return [...defining(commands), ...executing(commands), ...deciding(commands)];
}

function defining(commands: Commands): readonly Endpoint[] {
  return [
    endpoint({
      ...common,
      method: 'post',
      path: '/api/v1/commands',
      summary: 'Define a version of a command',
      body: newCommand,
      answers: { 201: command },
      errors: ['already_exists'],
      handle: async (call) => json(201, await commands.define({ workspaceId: workspaceFor(call), ...call.body })),
    }),
    endpoint({
      ...common,
      method: 'get',
      path: '/api/v1/commands',
      summary: 'Commands of the workspace, newest first',
      query: listQuery,
      answers: { 200: pageOf(command) },
      handle: async (call) => {
        const { limit, cursor: before = null } = call.query;
        const { items, next } = await commands.list({ workspaceId: workspaceFor(call), limit, before });
        return json(200, { items, next_cursor: next });
      },
    }),
  ];
}

function executing(commands: Commands): readonly Endpoint[] {
  return [
    endpoint({
      ...common,
      method: 'post',
      path: '/api/v1/commands/{name}/execute',
      summary: 'Start a command, or have it wait as "approval_required" when its policy says so',
      params: z.object({ name: commandName }),
      headers: { ...common.headers, ...IDEMPOTENCY_HEADER },
      body: z.strictObject({ version: version.optional(), by: person.optional() }),
      /** 200: the idempotency key had been used for the same execution before. */
      answers: { 202: execution, 200: execution },
      errors: ['idempotency_conflict'],
      handle: async (call) => {
        const { execution: made, created } = await commands.execute({
          workspaceId: workspaceFor(call),
          name: call.params.name,
          version: call.body.version ?? null,
          by: call.body.by ?? call.actor.name,
          idempotencyKey: headerValue(call, 'idempotency-key', idempotencyKey) ?? null,
        });
        return json(created ? 202 : 200, made);
      },
    }),
    endpoint({
      ...common,
      method: 'get',
      path: '/api/v1/executions/{id}',
      summary: 'One execution of a command',
      params: byId,
      answers: { 200: execution },
      handle: async (call) => json(200, await commands.execution(workspaceFor(call), call.params.id)),
    }),
  ];
}

const VERDICTS = { approve: 'approved', reject: 'rejected' } as const;

function deciding(commands: Commands): readonly Endpoint[] {
  const row = { ...common, method: 'post', params: byId, answers: { 200: execution } } as const;
  return [
    ...(['approve', 'reject'] as const).map((verb) =>
      endpoint({
        ...row,
        path: `/api/v1/executions/{id}/${verb}`,
        summary: `Decide that the execution is ${VERDICTS[verb]}; 403 for whoever asked for it`,
        body: z.strictObject({ by: person }),
        errors: ['forbidden', 'invalid_transition'],
        handle: async (call) =>
          json(
            200,
            await commands.decide({ workspaceId: workspaceFor(call), id: call.params.id, verdict: VERDICTS[verb], by: call.body.by }),
          ),
      }),
    ),
    endpoint({
      ...row,
      path: '/api/v1/executions/{id}/cancel',
      summary: 'End the execution and its workflow',
      errors: ['invalid_transition'],
      handle: async (call) => json(200, await commands.cancel(workspaceFor(call), call.params.id)),
    }),
  ];
}
