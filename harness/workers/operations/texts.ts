import { randomUUID } from 'node:crypto';
import type { MixEntry } from '../../load/index.ts';
import type { OperationContext } from './operation-context.ts';
import { optionsOf } from './options.ts';

const DISTINCT = 40;

/**
 * Request texts of an operation: option `fresh` n makes every n-th new to the target (a cache miss; 0: none), the others come from
 * `distinct` (40) texts. `pool` keeps loads apart, so that they do not warm each other's cache; id and seed of the load when absent.
 */
export function textsOf(entry: MixEntry, context: OperationContext): (index: number) => string {
  const options = optionsOf(entry);
  const fresh = options.count('fresh') ?? 0;
  const distinct = Math.max(1, options.count('distinct') ?? DISTINCT);
  // A load that is repeated, or the next one over the same connections, must not find what the one before left.
  const never = randomUUID();
  return (index) => {
    const { plan, round } = context.current();
    if (fresh > 0 && index % fresh === 0) return `assess parcel ${never} as never before, request ${round}.${index}`;
    return `assess parcel ${options.text('pool') ?? `${plan.id} ${plan.seed}`} number ${index % distinct}`;
  };
}
