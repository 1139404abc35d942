import { z } from 'zod';
import { parseInput } from '../../shared/read-input.ts';
import type { Memories } from '../memories/memories.ts';
import { memorySearch, newMemory } from '../memories/routes.ts';
import type { Executor } from '../patterns/executor.ts';
import { readExecuteInput } from '../patterns/routes.ts';
import { DEFAULT_WORKSPACE } from '../workspace.ts';
import { RPC_CODE, RpcError } from './json-rpc.ts';

export interface Tool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: unknown;
  call(args: unknown, agent: string): Promise<unknown>;
}

export interface Tools {
  list(): Promise<readonly Pick<Tool, 'name' | 'description' | 'inputSchema'>[]>;
  /** @throws RpcError invalidParams for an unknown tool; ServiceError from the tool. */
  call(name: string, args: unknown, agent: string): Promise<unknown>;
}

const executeSchema = z.strictObject({
  query: z.string().min(1).max(2000),
  execution_mode: z.enum(['fast', 'balanced', 'comprehensive']).optional(),
  use_cache: z.boolean().optional(),
});

export function createTools(executor: Executor, memories: Memories): Tools {
  const execute: Tool = {
    name: 'execute_pattern',
    description: 'Answers a query with the pattern that takes it.',
    inputSchema: z.toJSONSchema(executeSchema),
    call: (args, agent) => executor.execute(readExecuteInput(args, DEFAULT_WORKSPACE, agent)),
  };
  const withVectors: readonly Tool[] = [
    {
      name: 'store_memory',
      description: 'Keeps a text for later.',
      inputSchema: z.toJSONSchema(newMemory, { io: 'input' }),
      call: (args) => memories.store(DEFAULT_WORKSPACE, parseInput(newMemory, args)),
    },
    {
      name: 'search_memories',
      description: 'Finds the kept texts nearest to a query.',
      inputSchema: z.toJSONSchema(memorySearch, { io: 'input' }),
      call: async (args) => ({ items: await memories.search(DEFAULT_WORKSPACE, parseInput(memorySearch, args)) }),
    },
  ];
  const available = async (): Promise<readonly Tool[]> => ((await memories.available()) ? [execute, ...withVectors] : [execute]);
  return {
    list: async () => (await available()).map(({ name, description, inputSchema }) => ({ name, description, inputSchema })),
    call: async (name, args, agent) => {
      const tool = [execute, ...withVectors].find((candidate) => candidate.name === name);
      if (tool === undefined) throw new RpcError(RPC_CODE.invalidParams, `no tool "${name.slice(0, 64)}"`);
      return tool.call(args, agent);
    },
  };
}
