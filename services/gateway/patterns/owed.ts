import { ServiceError } from '../../shared/service-error.ts';

/** Invalidations that Redis could not be told of yet. */
export interface Owed {
  /** @throws ServiceError dependency_unavailable when there are too many to remember. */
  add(workspaceId: string, patterns: readonly string[]): void;
  has(workspaceId: string, pattern: string): boolean;
  /** Tells Redis; what fails stays owed. */
  settle(): Promise<void>;
}

const MOST = 10_000;

export function createOwed(outdate: (workspaceId: string, patterns: readonly string[]) => Promise<void>): Owed {
  const byWorkspace = new Map<string, Set<string>>();
  return {
    add: (workspaceId, patterns) => {
      const owed = byWorkspace.get(workspaceId) ?? new Set();
      if (byWorkspace.size >= MOST && owed.size === 0) {
        throw new ServiceError('dependency_unavailable', 'Redis is away and too many invalidations wait for it', { retryAfterMs: 1000 });
      }
      byWorkspace.set(workspaceId, new Set([...owed, ...patterns]));
    },
    has: (workspaceId, pattern) => byWorkspace.get(workspaceId)?.has(pattern) === true,
    settle: async () => {
      for (const [workspaceId, patterns] of byWorkspace) {
        await outdate(workspaceId, [...patterns]);
        // Unless more came to be owed meanwhile.
        if (byWorkspace.get(workspaceId) === patterns) byWorkspace.delete(workspaceId);
      }
    },
  };
}
