import type { ClosedLoopResult } from '../../harness/index.ts';

/** The sentence for `harnessFault` when an action of a closed loop threw: that is our defect, never the target's. */
export function loopFault({ crashes }: Pick<ClosedLoopResult, 'crashes'>): string | null {
  return crashes.count === 0 ? null : `the action of the load threw ${crashes.count} times, first: ${crashes.examples[0] ?? 'no message'}`;
}
