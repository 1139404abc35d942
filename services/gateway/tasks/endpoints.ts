import { z } from 'zod';
import { endpoint, headerValue, json, type Endpoint } from '../../shared/endpoint.ts';
import { IDEMPOTENCY_HEADER, anyJson, byId, cursor, idempotencyKey, pageOf, time, uuid } from '../schemas.ts';
import { WORKSPACE_HEADER, workspaceFor } from '../workspace.ts';
import { TASK_STATUSES } from './status.ts';
import type { Change, Tasks } from './task.ts';

const capability = z.string().trim().min(1).max(64);
/** Also what the tool that makes a task takes. */
export const newTask = z.strictObject({
  title: z.string().trim().min(1).max(256),
  priority: z.int().min(1).max(10).default(5),
  required_capabilities: z.array(capability).max(20).default([]),
  max_retries: z.int().min(0).max(10).default(3),
});
const listQuery = z.object({
  status: z.enum(TASK_STATUSES).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: cursor.optional(),
});
const completed = z.strictObject({ result: anyJson.optional() });
const failed = z.strictObject({ reason: z.string().trim().min(1).max(2000), retry: z.boolean().default(true) });

const task = z
  .object({
    id: uuid,
    workspace_id: uuid,
    title: z.string(),
    status: z.enum(TASK_STATUSES),
    priority: z.int(),
    required_capabilities: z.array(z.string()),
    max_retries: z.int().min(0),
    retry_count: z.int().min(0),
    agent_id: uuid.nullable(),
    result: anyJson,
    error: z.string().nullable(),
    version: z.int().min(1),
    created_at: time,
    started_at: time.nullable(),
    finished_at: time.nullable(),
    updated_at: time,
  })
  .meta({ id: 'Task' });

const common = { tag: 'tasks', headers: WORKSPACE_HEADER } as const;

export function taskEndpoints(tasks: Tasks): readonly Endpoint[] {
  return [...making(tasks), ...reading(tasks), ...assigning(tasks), ...ending(tasks), ...acting(tasks)];
}

function making(tasks: Tasks): readonly Endpoint[] {
  return [
    endpoint({
      ...common,
      method: 'post',
      path: '/api/v1/tasks',
      summary: 'Make a task',
      headers: { ...common.headers, ...IDEMPOTENCY_HEADER },
      body: newTask,
      /** 200: the idempotency key had been used for the same task before. */
      answers: { 201: task, 200: task },
      errors: ['idempotency_conflict'],
      handle: async (call) => {
        const { title, priority, required_capabilities: requiredCapabilities, max_retries: maxRetries } = call.body;
        const made = await tasks.create({
          workspaceId: workspaceFor(call),
          title,
          priority,
          requiredCapabilities,
          maxRetries,
          idempotencyKey: headerValue(call, 'idempotency-key', idempotencyKey) ?? null,
        });
        return json(made.created ? 201 : 200, made.task);
      },
    }),
  ];
}

function reading(tasks: Tasks): readonly Endpoint[] {
  return [
    endpoint({
      ...common,
      method: 'get',
      path: '/api/v1/tasks',
      summary: 'Tasks of the workspace, newest first',
      query: listQuery,
      answers: { 200: pageOf(task) },
      handle: async (call) => {
        const { status = null, limit, cursor: before = null } = call.query;
        const { items, next } = await tasks.list({ workspaceId: workspaceFor(call), status, limit, before });
        return json(200, { items, next_cursor: next });
      },
    }),
    endpoint({
      ...common,
      method: 'get',
      path: '/api/v1/tasks/{id}',
      summary: 'One task',
      params: byId,
      answers: { 200: task },
      handle: async (call) => json(200, await tasks.get(workspaceFor(call), call.params.id)),
    }),
  ];
}

function assigning(tasks: Tasks): readonly Endpoint[] {
  return [
    endpoint({
      ...common,
      method: 'post',
      path: '/api/v1/tasks/claim',
      summary: 'Assign the pending task of the highest priority that the agent can do; null when there is none',
      body: z.strictObject({ agent: uuid }),
      answers: { 200: z.object({ task: task.nullable() }) },
      errors: ['not_found'],
      handle: async (call) => json(200, { task: await tasks.claim(workspaceFor(call), call.body.agent) }),
    }),
    endpoint({
      ...common,
      method: 'post',
      path: '/api/v1/tasks/{id}/assign/{agent}',
      summary: 'Give the task to an agent that has the capabilities it requires',
      params: byId.extend({ agent: uuid }),
      answers: { 200: task },
      errors: ['invalid_transition', 'conflict'],
      handle: async (call) =>
        json(200, await tasks.change(workspaceFor(call), call.params.id, { action: 'assign', agentId: call.params.agent })),
    }),
  ];
}

function ending(tasks: Tasks): readonly Endpoint[] {
  const row = { ...common, method: 'post', params: byId, answers: { 200: task }, errors: ['invalid_transition'] } as const;
  return [
    endpoint({
      ...row,
      path: '/api/v1/tasks/{id}/complete',
      summary: 'Say that the task is done, and with what result',
      body: completed,
      handle: async (call) =>
        json(200, await tasks.change(workspaceFor(call), call.params.id, { action: 'complete', result: call.body.result ?? null })),
    }),
    endpoint({
      ...row,
      path: '/api/v1/tasks/{id}/fail',
      summary: 'Say that the task failed: it is pending again while retries are left, and failed after',
      body: failed,
      handle: async (call) => json(200, await tasks.change(workspaceFor(call), call.params.id, { action: 'fail', ...call.body })),
    }),
  ];
}

const SIMPLE: Readonly<Record<Extract<Change['action'], 'start' | 'block' | 'unblock' | 'cancel'>, string>> = {
  start: 'Say that the agent has begun',
  block: 'Say that the task waits for something',
  unblock: 'Say that the task goes on',
  cancel: 'End the task, wherever it stands',
};

function acting(tasks: Tasks): readonly Endpoint[] {
  return Object.entries(SIMPLE).map(([action, summary]) =>
    endpoint({
      ...common,
      method: 'post',
      path: `/api/v1/tasks/{id}/${action}`,
      summary,
      params: byId,
      answers: { 200: task },
      errors: ['invalid_transition'],
      handle: async (call) => json(200, await tasks.change(workspaceFor(call), call.params.id, { action: action as keyof typeof SIMPLE })),
    }),
  );
}
