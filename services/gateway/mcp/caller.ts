import type { Actor } from '../../shared/actor.ts';
import type { MemoryCaller } from '../memories/memories.ts';

/** On whose behalf a tool runs. */
export interface Caller {
  /** The connection or session, for as long as it is open. */
  readonly sessionId: string | null;
  readonly agent: string | null;
  readonly workspaceId: string;
  readonly actor: Actor;
}

export function memoryCaller({ agent, workspaceId, actor }: Caller): MemoryCaller {
  return { workspaceId, owner: agent ?? actor.keyId };
}
