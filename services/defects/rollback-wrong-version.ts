import { ServiceError } from '../shared/service-error.ts';
import type { Contexts, ContextRollback } from '../gateway/contexts/contexts.ts';
import type { Seams } from '../gateway/seams.ts';

/** Takes the version number for the place in the list, which starts at 0: the data is that of the version after the target. */
export const ROLLBACK_WRONG_VERSION: Partial<Seams> = {
  contexts: (contexts) => ({
    ...contexts,
    rollback: async (rollback) => {
      const { version: current } = await contexts.get(rollback);
      // What the database refuses or cannot get wrong is left to it.
      if (rollback.targetVersion >= current) return contexts.rollback(rollback);
      const data = await dataAtPlace(contexts, rollback);
      const { targetVersion, ...key } = rollback;
      return contexts.write({ ...key, data, changeDescription: `rolled back to version ${targetVersion}` });
    },
  }),
};

async function dataAtPlace(contexts: Contexts, { targetVersion: place, ...key }: ContextRollback) {
  const [found] = await contexts.versions({ ...key, before: place + 2, limit: 1 });
  if (found === undefined) throw new ServiceError('unknown_version', `the context "${key.name}" has nothing at place ${place}`);
  return found.data;
}
