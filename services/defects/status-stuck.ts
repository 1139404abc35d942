import type { OperationRow } from '../gateway/operations/operation.ts';
import type { Seams } from '../gateway/seams.ts';

/** The runner keeps what comes after the last step in its memory: the row stays where it was when the steps began. */
export const STATUS_STUCK: Partial<Seams> = {
  operationStore: (store) => ({
    ...store,
    move: async (operation, move) => {
      if (operation.status === 'executing' || operation.status === 'validating') return remembered(operation, move.to);
      return store.move(operation, move);
    },
    escalate: async (operation) => remembered(operation, 'escalating'),
  }),
};

function remembered(operation: OperationRow, status: OperationRow['status']): OperationRow {
  return { ...operation, status };
}
