export const OPERATION_STATUSES = ['idle', 'planning', 'executing', 'validating', 'escalating', 'completed', 'failed'] as const;
export type OperationStatus = (typeof OPERATION_STATUSES)[number];

/** `escalating` waits for a person: nothing moves it on by itself. */
export const OPERATION_TRANSITIONS: Readonly<Record<OperationStatus, readonly OperationStatus[]>> = {
  idle: ['planning', 'failed'],
  planning: ['executing', 'failed'],
  executing: ['validating', 'failed'],
  validating: ['completed', 'escalating', 'failed'],
  escalating: ['completed', 'failed'],
  completed: [],
  failed: [],
};

/** States in which a runner has work to do. */
export const OPEN_STATUSES: readonly OperationStatus[] = ['idle', 'planning', 'executing', 'validating'];

export function canMove(from: OperationStatus, to: OperationStatus): boolean {
  return OPERATION_TRANSITIONS[from].includes(to);
}
