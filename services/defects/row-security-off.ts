import type { Seams } from '../gateway/seams.ts';
import { migratedOtherwise } from './migrated-otherwise.ts';

const ENABLE = 'alter table agent_context_versions enable row level security;';

/** The policy is there, and nobody asks it. */
export const ROW_SECURITY_OFF: Partial<Seams> = {
  migrations: (migrations) => migratedOtherwise(migrations, ENABLE, ''),
};
