import { monotonicMs } from '../model/clock.ts';
import type { Operation } from '../load/index.ts';

/**
 * The same operations; `note` is called once, with how late (ms) the first arrival of all was sent against the agreed start.
 * @param startAtMs CLOCK_MONOTONIC of offset 0.
 */
export function notingFirstSend(operations: readonly Operation[], startAtMs: number, note: (lateMs: number) => void): readonly Operation[] {
  let sent = false;
  return operations.map((operation) => ({
    name: operation.name,
    ...(operation.open && { open: operation.open.bind(operation) }),
    start(call) {
      if (!sent) {
        sent = true;
        note(monotonicMs() - startAtMs - call.arrival.dueMs);
      }
      operation.start(call);
    },
    [Symbol.asyncDispose]: () => operation[Symbol.asyncDispose](),
  }));
}
