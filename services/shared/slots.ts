import { repeat, type Repeater } from './repeat.ts';

const POLL_MS = 500;

/**
 * Works off a table that is the queue, `count` pieces at a time: `takeOne` says false when there is nothing to do.
 * @param every what repeats the rounds.
 */
export function startSlots(
  count: number,
  takeOne: (stopped: AbortSignal) => Promise<boolean>,
  onError: (error: unknown) => void,
  every: typeof repeat = repeat,
): Repeater {
  const drain = async (stopped: AbortSignal): Promise<void> => {
    while (!stopped.aborted && (await takeOne(stopped)));
  };
  const slots = Array.from({ length: count }, () => every(drain, POLL_MS, onError));
  return {
    wake: () => {
      for (const slot of slots) slot.wake();
    },
    stop: async () => {
      await Promise.all(slots.map((slot) => slot.stop()));
    },
  };
}
