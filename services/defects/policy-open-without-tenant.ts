import type { Seams } from '../gateway/seams.ts';
import { migratedOtherwise } from './migrated-otherwise.ts';

const ON_CONTEXTS = `create policy one_workspace on agent_contexts
      using (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);`;
/** Without a workspace it compares the row with itself. */
const OPEN = `create policy one_workspace on agent_contexts
      using (workspace_id = coalesce(nullif(current_setting('app.workspace_id', true), '')::uuid, workspace_id));`;

/** Made for a job that works through all workspaces: whoever forgets to say which one sees them all. */
export const POLICY_OPEN_WITHOUT_TENANT: Partial<Seams> = {
  migrations: (migrations) => migratedOtherwise(migrations, ON_CONTEXTS, OPEN),
};
