/** As many requests are under way at once where nothing else is said: enough not to wait, too few to be a load. */
export const MODEST = 8;

/**
 * Does `work` for every item, `width` of them at a time, begun in the order of the items. Results are in that order too; those that were not
 * begun when the signal came are left out.
 */
export async function inParallel<T, R>(
  items: readonly T[],
  { width, signal }: { readonly width: number; readonly signal: AbortSignal },
  work: (item: T, index: number) => Promise<R>,
): Promise<readonly R[]> {
  const done: (R | undefined)[] = [];
  const queue = items.entries();
  const lane = async (): Promise<void> => {
    for (const [index, item] of queue) {
      if (signal.aborted) return;
      done[index] = await work(item, index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
  return done.filter((result) => result !== undefined);
}
