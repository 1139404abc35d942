import type { Core } from '../core.ts';
import type { Feature } from '../feature.ts';
import type { Workers } from '../operations/workers.ts';
import { delegationEndpoints } from './endpoints.ts';
import type { Definition } from './experts.ts';
import { startDelegationRunner } from './runner.ts';
import { createDelegationStore } from './store.ts';

export interface DelegationsFeature extends Feature {
  /**
   * Where a watcher starts: the workspace's sequence before the first event of the delegation; null when there is none.
   * Its frames are the `data` of the events of type `delegation_event` whose `data.delegation_id` is the id.
   */
  readonly watchPosition: (workspaceId: string, id: string) => Promise<number | null>;
}

/** Requests that one or several experts answer, with progress that can be watched. */
export function delegationsFeature(core: Core, workers: Workers): DelegationsFeature {
  const store = createDelegationStore(core.pool, core.audit, core.committed);
  const definitions = async (): Promise<readonly Definition[]> =>
    (await core.pool.query<Definition>('select slug, title, capabilities from agent_definitions order by slug')).rows;
  const deps = { store, workers, definitions, onError: core.reporter('delegation_runner_failed') };
  const runner = startDelegationRunner(deps, core.schema.repeat);
  return {
    watchPosition: (workspaceId, id) => store.firstSeq(workspaceId, id),
    endpoints: delegationEndpoints(store, runner.wake),
    rest: () => runner.stop(),
  };
}
