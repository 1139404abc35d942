import { z } from 'zod';
import { parseInput } from '../../shared/read-input.ts';

export const OPERATION_TYPES = ['data_pipeline', 'data_validation', 'entity_sync', 'performance_check', 'ai_inference', 'custom'] as const;
export type OperationType = (typeof OPERATION_TYPES)[number];

export interface PlannedStep {
  readonly worker: string;
  readonly action: string;
}

/** Each step gets the operation's parameters and, as `records`, what the step before it made of them. */
const PLANS: Readonly<Record<Exclude<OperationType, 'custom'>, readonly PlannedStep[]>> = {
  data_pipeline: [
    { worker: 'florida_data', action: 'extract' },
    { worker: 'data_quality', action: 'profile' },
    { worker: 'florida_data', action: 'load' },
  ],
  data_validation: [
    { worker: 'data_quality', action: 'profile' },
    { worker: 'data_quality', action: 'validate' },
  ],
  entity_sync: [
    { worker: 'sunbiz', action: 'normalise' },
    { worker: 'entity_matching', action: 'match' },
  ],
  performance_check: [{ worker: 'performance', action: 'summarise' }],
  ai_inference: [{ worker: 'ai_ml', action: 'complete' }],
};

const customSteps = z
  .array(z.strictObject({ worker: z.string().min(1).max(64), action: z.string().min(1).max(64) }))
  .min(1)
  .max(20);

export type Planner = (type: OperationType, parameters: Readonly<Record<string, unknown>>) => readonly PlannedStep[];

/** @throws ServiceError validation_failed when a custom operation does not say its steps. */
export const planOf: Planner = (type, parameters) => (type === 'custom' ? parseInput(customSteps, parameters['steps']) : PLANS[type]);
