import { z } from 'zod';
import { parseInput } from '../../shared/read-input.ts';
import { memorySearch, toSearch } from '../memories/endpoints.ts';
import type { Memories } from '../memories/memories.ts';
import type { Tasks } from '../tasks/task.ts';
import { TASK_STATUSES } from '../tasks/status.ts';
import { newWorkflow } from '../workflows/endpoints.ts';
import type { Workflows } from '../workflows/workflow.ts';
import { prepareStream, type EventSource } from '../ws/event-stream.ts';
import { ServiceError } from '../../shared/service-error.ts';
import { cursor } from '../schemas.ts';
import { memoryCaller } from './caller.ts';
import type { Resources } from './resources.ts';
import type { Session } from './session.ts';
import { toToolResult, type ToolResults } from './tool-results.ts';
import type { Tools } from './tools.ts';

export interface MethodDeps {
  readonly tools: Tools;
  readonly results: ToolResults;
  readonly resources: Resources;
  readonly memories: Memories;
  readonly tasks: Tasks;
  readonly workflows: Workflows;
  readonly events: EventSource;
  readonly version: string;
}

/** @throws RpcError or ServiceError. */
export type Method = (params: unknown, session: Session) => Promise<unknown>;

/** Not 2025-03-26, which wants batches. */
const PROTOCOLS = ['2025-11-25', '2025-06-18', '2024-11-05'] as const;

const initializeParams = z.object({ protocolVersion: z.string().optional() });
const callParams = z.object({ name: z.string().min(1), arguments: z.record(z.string(), z.unknown()).default({}) });
/** Every list fits on one page, so there is no cursor that could be right. */
const listParams = z.object({ cursor: z.never('there is one page only').optional() });
const readParams = z.object({ uri: z.string().min(1).max(2000) });
const subscribeParams = z.strictObject({ scope: z.enum(['agent', 'workspace']).default('agent'), since_seq: z.int().min(0).optional() });
const taskList = z.strictObject({
  status: z.enum(TASK_STATUSES).optional(),
  limit: z.int().min(1).max(200).default(50),
  cursor: cursor.optional(),
});

export function createMethods(deps: MethodDeps): ReadonlyMap<string, Method> {
  return new Map(Object.entries({ ...protocolMethods(deps), ...resourceMethods(deps), ...eventMethods(deps), ...ownMethods(deps) }));
}

type Methods = Readonly<Record<string, Method>>;

function protocolMethods({ tools, results, version }: MethodDeps): Methods {
  return {
    initialize: async (params) => {
      const { protocolVersion } = parseInput(initializeParams, params ?? {});
      const spoken = PROTOCOLS.find((known) => known === protocolVersion) ?? PROTOCOLS[0];
      return { protocolVersion: spoken, capabilities: { tools: {}, resources: {} }, serverInfo: { name: 'gateway', version } };
    },
    ping: async () => ({}),
    'tools/list': async (params) => {
      parseInput(listParams, params ?? {});
      return { tools: await tools.list() };
    },
    'tools/call': async (params, { caller }) => {
      const { name, arguments: args } = parseInput(callParams, params ?? {});
      return toToolResult(results, () => tools.call(name, args, caller));
    },
  };
}

function resourceMethods({ resources }: MethodDeps): Methods {
  const read: Method = async (params, { caller }) => ({
    contents: [await resources.read(parseInput(readParams, params ?? {}).uri, caller)],
  });
  return {
    'resources/list': async (params) => {
      parseInput(listParams, params ?? {});
      return { resources: await resources.list() };
    },
    'resources/read': read,
    /** The contract's own name for it. */
    'resources/get': read,
  };
}

/** Notifications `{method: "event", params: AgentEvent}` to this connection, of its own workspace only. */
function eventMethods({ events }: MethodDeps): Methods {
  return {
    'events/subscribe': async (params, session) => {
      const { scope, since_seq: since } = parseInput(subscribeParams, params ?? {});
      const { workspaceId } = session.caller;
      const stream = await prepareStream(events, { workspaceId, filter: session.filterOf(scope), sinceSeq: since ?? null });
      if (stream.keptFrom !== null)
        throw new ServiceError('validation_failed', `events before ${stream.keptFrom} are no longer kept; since_seq is ${stream.from}`);
      session.subscribe(stream);
      return { scope, after_seq: stream.from };
    },
    'events/unsubscribe': async (_, session) => {
      session.unsubscribe();
      return {};
    },
  };
}

/** The tools as methods of their own: their failures are errors, not results. */
function ownMethods({ tools, memories, tasks, workflows }: MethodDeps): Methods {
  const tool =
    (name: string): Method =>
    (params, { caller }) =>
      tools.call(name, params ?? {}, caller);
  return {
    'agent/info': async (_, { id, caller, inFlight }) => ({
      agent_id: caller.agent,
      session_id: id,
      workspace_id: caller.workspaceId,
      in_flight: inFlight,
    }),
    execute_pattern: tool('execute_pattern'),
    'memory/store': tool('store_memory'),
    'task/create': tool('create_task'),
    'task/list': async (params, { caller }) => {
      const { status = null, limit, cursor: before = null } = parseInput(taskList, params ?? {});
      const { items, next } = await tasks.list({ workspaceId: caller.workspaceId, status, limit, before });
      return { items, next_cursor: next };
    },
    /** Answers when it is stored: it runs on its own from there. */
    'workflow/execute': async (params, { caller }) => {
      const plan = parseInput(newWorkflow, params ?? {});
      return (await workflows.create({ workspaceId: caller.workspaceId, ...plan, idempotencyKey: null })).workflow;
    },
    'memory/search': async (params, { caller }) => memories.search(memoryCaller(caller), toSearch(parseInput(memorySearch, params ?? {}))),
  };
}
