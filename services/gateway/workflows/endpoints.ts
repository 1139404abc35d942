import { z } from 'zod';
import { endpoint, headerValue, json, type Endpoint } from '../../shared/endpoint.ts';
import { IDEMPOTENCY_HEADER, byId, cursor, idempotencyKey, pageOf, time, uuid } from '../schemas.ts';
import { WORKSPACE_HEADER, workspaceFor } from '../workspace.ts';
import { STEP_STATUSES, WORKFLOW_STATUSES } from './states.ts';
import { STRATEGIES, type Workflows } from './workflow.ts';

const MAX_WORK_MS = 10_000;
const MAX_TASKS = 50;

const name = z.string().trim().min(1).max(128);
export const taskId = z.string().regex(/^[\w.-]{1,64}$/, 'must be 1 to 64 of letters, digits, "_", "-" and "."');
export const strategy = z.enum(STRATEGIES);
const EXAMPLE = [
  { id: 'collect', name: 'Collect', capability: 'research', depends_on: [], work_ms: 5 },
  { id: 'report', name: 'Report', capability: 'writing', depends_on: ['collect'], work_ms: 5 },
];
/** Also what the steps of a command are. */
export const plannedTasks = z
  .array(
    z.strictObject({
      id: taskId,
      name,
      capability: z.string().trim().min(1).max(64),
      depends_on: z.array(taskId).max(MAX_TASKS).default([]),
      work_ms: z.int().min(0).max(MAX_WORK_MS).default(0),
    }),
  )
  .min(1)
  .max(MAX_TASKS)
  .meta({ examples: [EXAMPLE] });
/** Also what the tool that executes a workflow takes. */
export const newWorkflow = z.strictObject({ name, strategy: strategy.default('sequential'), tasks: plannedTasks });
const listQuery = z.object({
  status: z.enum(WORKFLOW_STATUSES).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: cursor.optional(),
});

const summary = z.object({
  id: uuid,
  workspace_id: uuid,
  name: z.string(),
  strategy,
  status: z.enum(WORKFLOW_STATUSES),
  error: z.string().nullable(),
  version: z.int().min(1),
  created_at: time,
  started_at: time.nullable(),
  finished_at: time.nullable(),
  updated_at: time,
});
const result = z.object({ output: z.string(), received: z.record(z.string(), z.string()), worked_ms: z.number().min(0) });
const workflow = summary
  .extend({
    tasks: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        capability: z.string(),
        depends_on: z.array(z.string()),
        work_ms: z.int(),
        status: z.enum(STEP_STATUSES),
        attempts: z.int().min(0),
        result: result.nullable(),
        error: z.string().nullable(),
        started_at: time.nullable(),
        finished_at: time.nullable(),
      }),
    ),
  })
  .meta({ id: 'Workflow' });

const common = { tag: 'workflows', headers: WORKSPACE_HEADER } as const;

export function workflowEndpoints(workflows: Workflows): readonly Endpoint[] {
  return [
    endpoint({
      ...common,
      method: 'post',
      path: '/api/v1/workflows',
      summary: 'Start a workflow: tasks that wait for each other',
      headers: { ...common.headers, ...IDEMPOTENCY_HEADER },
      body: newWorkflow,
      /** 200: the idempotency key had been used for the same workflow before. */
      answers: { 202: workflow, 200: workflow },
      errors: ['idempotency_conflict'],
      handle: async (call) => {
        const key = headerValue(call, 'idempotency-key', idempotencyKey) ?? null;
        const made = await workflows.create({ workspaceId: workspaceFor(call), ...call.body, idempotencyKey: key });
        return json(made.created ? 202 : 200, made.workflow);
      },
    }),
    ...reading(workflows),
    ...moving(workflows),
  ];
}

function reading(workflows: Workflows): readonly Endpoint[] {
  return [
    endpoint({
      ...common,
      method: 'get',
      path: '/api/v1/workflows',
      summary: 'Workflows of the workspace, newest first, without their tasks',
      query: listQuery,
      answers: { 200: pageOf(summary) },
      handle: async (call) => {
        const { status = null, limit, cursor: before = null } = call.query;
        const { items, next } = await workflows.list({ workspaceId: workspaceFor(call), status, limit, before });
        return json(200, { items, next_cursor: next });
      },
    }),
    endpoint({
      ...common,
      method: 'get',
      path: '/api/v1/workflows/{id}',
      summary: 'One workflow with its tasks, in the order in which they may run',
      params: byId,
      answers: { 200: workflow },
      handle: async (call) => json(200, await workflows.get(workspaceFor(call), call.params.id)),
    }),
  ];
}

const MOVES = {
  cancel: 'End the workflow: nothing more begins, and what runs is stopped',
  pause: 'Let what runs finish and begin nothing more',
  resume: 'Go on',
} as const;

function moving(workflows: Workflows): readonly Endpoint[] {
  return (['cancel', 'pause', 'resume'] as const).map((move) =>
    endpoint({
      ...common,
      method: 'post',
      path: `/api/v1/workflows/{id}/${move}`,
      summary: MOVES[move],
      params: byId,
      answers: { 200: workflow },
      errors: ['invalid_transition'],
      handle: async (call) => json(200, await workflows[move](workspaceFor(call), call.params.id)),
    }),
  );
}
