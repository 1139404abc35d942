import { randomUUID } from 'node:crypto';
import type { Variables } from '../../model/template.ts';
import type { MixEntry } from '../../load/index.ts';
import { optionsOf } from './options.ts';

/** Who the virtual agents are to the target. */
export interface Identity {
  /** `<prefix>-<n>`. */
  readonly nameOf: (agent: number) => string;
  /** The same for all of them. */
  readonly constants: Variables;
}

/** Variables that each call of any operation can give. */
export const GIVEN = ['agent', 'op'];

/** Options: `agent` (prefix of the agents' names, "agent"), `workspace` (a new one), `cache` (true). */
export function identityOf(entry: MixEntry): Identity {
  const options = optionsOf(entry);
  const prefix = options.text('agent') ?? 'agent';
  return {
    nameOf: (agent) => `${prefix}-${agent}`,
    constants: { workspace: options.text('workspace') ?? randomUUID(), cache: options.flag('cache') ?? true },
  };
}
