import type { Memories } from '../memories/memories.ts';
import { PATTERNS } from '../patterns/registry.ts';
import { memoryCaller, type Caller } from './caller.ts';
import { RPC_CODE, RpcError } from './json-rpc.ts';

export interface ResourceDescription {
  readonly uri: string;
  readonly name: string;
  readonly description: string;
  readonly mimeType: 'application/json';
}

export interface ResourceContents {
  readonly uri: string;
  readonly mimeType: 'application/json';
  readonly text: string;
}

export interface Resources {
  list(): Promise<readonly ResourceDescription[]>;
  /** @throws RpcError invalidParams when there is none. */
  read(uri: string, caller: Caller): Promise<ResourceContents>;
}

interface Resource extends ResourceDescription {
  available?(): Promise<boolean>;
  read(caller: Caller): Promise<unknown>;
}

const LATEST = 50;
const mimeType = 'application/json';

export function createResources(memories: Memories): Resources {
  const resources: readonly Resource[] = [
    {
      uri: 'muster://session',
      name: 'session',
      description: 'Whom this service takes the caller for.',
      mimeType,
      read: async ({ sessionId, agent, workspaceId }) => ({ session_id: sessionId, agent_id: agent, workspace_id: workspaceId }),
    },
    {
      uri: 'muster://patterns',
      name: 'patterns',
      description: 'The patterns that answer queries, by priority.',
      mimeType,
      read: async () => ({ items: PATTERNS.map(({ name, type, priority }) => ({ name, type, priority })) }),
    },
    {
      uri: 'muster://memories',
      name: 'memories',
      description: `The last ${LATEST} texts kept in the caller's workspace that it may see.`,
      mimeType,
      available: () => memories.available(),
      read: async (caller) => ({ items: await memories.latest(memoryCaller(caller), LATEST) }),
    },
  ];
  return {
    list: async () => {
      const there = await Promise.all(resources.map(async (resource) => resource.available === undefined || (await resource.available())));
      return resources.filter((_, index) => there[index]).map(({ uri, name, description }) => ({ uri, name, description, mimeType }));
    },
    read: async (uri, caller) => {
      const resource = resources.find((candidate) => candidate.uri === uri);
      if (resource === undefined) throw new RpcError(RPC_CODE.invalidParams, 'no such resource', { uri: uri.slice(0, 256) });
      return { uri, mimeType, text: JSON.stringify(await resource.read(caller)) };
    },
  };
}
