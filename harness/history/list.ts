import type { Findings } from './anomaly.ts';
import { indexByKey, type ListOperation } from './list-index.ts';
import { checkTime } from './list-time.ts';
import { checkTransactions } from './list-transactions.ts';
import { checkValues } from './list-values.ts';

/**
 * Lists that only grow: linearizability per key, serializability of transactions over several. Follows Elle (Kingsbury and Alvaro, VLDB
 * 2020): every value is unique and a read shows the whole list, so the order of the writes need not be guessed.
 */
export function checkLists(operations: readonly ListOperation[], findings: Findings, stalenessMs = 0): void {
  const keys = [...indexByKey(operations).values()];
  for (const entry of keys) {
    // Where the order itself is broken there is none that the clock could be compared with.
    if (checkValues(entry, findings)) checkTime(entry, { findings, stalenessMs });
  }
  if (operations.some(({ action }) => action.parts.length > 1)) checkTransactions(keys, findings);
}
