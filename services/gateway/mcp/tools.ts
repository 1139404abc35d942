import { z } from 'zod';
import { parseInput } from '../../shared/read-input.ts';
import { newMemory, searchByQuery, toSearch } from '../memories/endpoints.ts';
import type { Memories } from '../memories/memories.ts';
import type { Executor } from '../patterns/executor.ts';
import { executeInput, readExecuteInput } from '../patterns/input.ts';
import { newTask } from '../tasks/endpoints.ts';
import type { Tasks } from '../tasks/task.ts';
import { memoryCaller, type Caller } from './caller.ts';
import { RPC_CODE, RpcError } from './json-rpc.ts';

/** An object of JSON: what MCP calls structured content. */
export type ToolOutput = Readonly<Record<string, unknown>>;

export interface ToolDescription {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: Readonly<Record<string, unknown>>;
  readonly annotations: { readonly readOnlyHint: boolean; readonly idempotentHint: boolean; readonly openWorldHint: boolean };
}

export interface Tool {
  readonly name: string;
  readonly description: string;
  /** What it takes: an object, with no alternatives at the top, because MCP wants `"type": "object"` there. */
  readonly input: z.ZodType;
  readonly readOnly: boolean;
  /** Absent: always there. */
  available?(): Promise<boolean>;
  /** @throws ServiceError */
  call(args: unknown, caller: Caller): Promise<ToolOutput>;
}

export interface Tools {
  /** Always in the same order. */
  list(): Promise<readonly ToolDescription[]>;
  /** @throws RpcError invalidParams for an unknown tool; ServiceError from the tool. */
  call(name: string, args: unknown, caller: Caller): Promise<ToolOutput>;
}

export function createTools(tools: readonly Tool[]): Tools {
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  return {
    list: async () => {
      const there = await Promise.all(tools.map(async (tool) => tool.available === undefined || (await tool.available())));
      return tools.filter((_, index) => there[index]).map(describe);
    },
    call: async (name, args, caller) => {
      const tool = byName.get(name);
      if (tool === undefined) throw new RpcError(RPC_CODE.invalidParams, `no tool "${name.slice(0, 64)}"`);
      return tool.call(args, caller);
    },
  };
}

function describe({ name, description, input, readOnly }: Tool): ToolDescription {
  const { $schema: _, ...inputSchema } = z.toJSONSchema(input, { io: 'input' }) as Record<string, unknown>;
  return {
    name,
    description,
    inputSchema: { type: 'object', ...inputSchema },
    annotations: { readOnlyHint: readOnly, idempotentHint: readOnly, openWorldHint: false },
  };
}

export function patternTools(executor: Executor): readonly Tool[] {
  return [
    {
      name: 'execute_pattern',
      description: 'Answers a query with the pattern that takes it.',
      input: executeInput,
      readOnly: false,
      call: async (args, { agent, workspaceId }) => ({ ...(await executor.execute(readExecuteInput(args, workspaceId, agent))) }),
    },
  ];
}

export function memoryTools(memories: Memories): readonly Tool[] {
  const available = (): Promise<boolean> => memories.available();
  return [
    {
      name: 'store_memory',
      description: 'Keeps a text for later.',
      input: newMemory,
      readOnly: false,
      available,
      call: async (args, caller) => ({ ...(await memories.store(memoryCaller(caller), parseInput(newMemory, args), null)).memory }),
    },
    {
      name: 'search_memories',
      description: 'Finds the kept texts nearest to a query.',
      input: searchByQuery,
      readOnly: true,
      available,
      call: async (args, caller) => {
        const { items, plan } = await memories.search(memoryCaller(caller), toSearch(parseInput(searchByQuery, args)));
        return { items, plan };
      },
    },
  ];
}

export function taskTools(tasks: Tasks): readonly Tool[] {
  return [
    {
      name: 'create_task',
      description: 'Makes a task that an agent with the required capabilities can take.',
      input: newTask,
      readOnly: false,
      call: async (args, { workspaceId }) => {
        const { title, priority, required_capabilities: requiredCapabilities, max_retries: maxRetries } = parseInput(newTask, args);
        return { ...(await tasks.create({ workspaceId, title, priority, requiredCapabilities, maxRetries, idempotencyKey: null })).task };
      },
    },
  ];
}
