export const DELEGATION_STATUSES = ['pending', 'in_progress', 'completed', 'failed', 'cancelled', 'timeout'] as const;
export type DelegationStatus = (typeof DELEGATION_STATUSES)[number];

/** What waits can still be called off, and can wait too long. */
const DELEGATION_TRANSITIONS: Readonly<Record<DelegationStatus, readonly DelegationStatus[]>> = {
  pending: ['in_progress', 'cancelled', 'timeout'],
  in_progress: ['completed', 'failed', 'cancelled', 'timeout'],
  completed: [],
  failed: [],
  cancelled: [],
  timeout: [],
};

export function canMove(from: DelegationStatus, to: DelegationStatus): boolean {
  return DELEGATION_TRANSITIONS[from].includes(to);
}

/** States from which `to` can be reached. */
export function originsOf(to: DelegationStatus): readonly DelegationStatus[] {
  return DELEGATION_STATUSES.filter((from) => canMove(from, to));
}
