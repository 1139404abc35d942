import type { Core } from '../core.ts';
import type { Feature } from '../feature.ts';
import type { WorkflowsFeature } from '../workflows/feature.ts';
import { createCommands } from './commands.ts';
import { commandEndpoints } from './endpoints.ts';

/** Commands: workflows that are defined once and executed often, some of them only when somebody agrees. */
export function commandsFeature({ pool, audit }: Core, { plan, changed }: Pick<WorkflowsFeature, 'plan' | 'changed'>): Feature {
  return { endpoints: commandEndpoints(createCommands({ pool, audit, plan, changed })) };
}
