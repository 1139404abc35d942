import type { Findings } from './anomaly.ts';
import { named } from './anomaly.ts';
import type { BankAction, Recorded } from './history.ts';

export interface Bank {
  readonly total: number;
  readonly mayGoNegative: boolean;
  readonly operations: readonly Recorded<BankAction>[];
}

/** Sums of decimals are as exact as this, in parts of the total. */
const INEXACT = 1e-13;

/** Whoever reads all accounts at once sees the sum that was put in, at every moment. */
export function checkBank({ total, mayGoNegative, operations }: Bank, findings: Findings): void {
  for (const operation of operations) {
    const { action } = operation;
    if (action.kind !== 'read' || action.balances === null || operation.outcome !== 'ok') continue;
    const sum = Object.values(action.balances).reduce((all, balance) => all + balance, 0);
    if (Math.abs(sum - total) > INEXACT * Math.max(1, Math.abs(total)))
      findings.add('money made or lost', [operation], () => `${named(operation)} read accounts that add up to ${sum} instead of ${total}`);
    const overdrawn = mayGoNegative ? undefined : Object.entries(action.balances).find(([, balance]) => balance < 0);
    if (overdrawn !== undefined)
      findings.add('overdrawn', [operation], () => `${named(operation)} read ${overdrawn[1]} in ${overdrawn[0]}, which may not go below 0`);
  }
}
