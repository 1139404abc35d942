import { setTimeout as delay } from 'node:timers/promises';
import type { ContextKey, Contexts } from '../gateway/contexts/contexts.ts';
import type { Seams } from '../gateway/seams.ts';
import { ServiceError } from '../shared/service-error.ts';

/** Between looking and writing, as a service does that checks the data in between. */
const CHECKING_MS = 5;

/** Compares versions before it writes, not while it holds the lock. One writer after the other is told right. */
export const CHECK_THEN_ACT_VERSION: Partial<Seams> = {
  contexts: (contexts) => ({
    ...contexts,
    write: async (write) => {
      const { expectedVersion, ...unconditional } = write;
      // Another version, or none expected: the answer is the same with the lock.
      if (expectedVersion !== (await versionOf(contexts, write))) return contexts.write(write);
      await delay(CHECKING_MS);
      return contexts.write(unconditional);
    },
  }),
};

async function versionOf(contexts: Contexts, key: ContextKey): Promise<number> {
  try {
    return (await contexts.get(key)).version;
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'not_found') return 0;
    throw error;
  }
}
