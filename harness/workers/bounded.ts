import { messageOf } from '../model/errors.ts';

/** As `work`, but rejects with the reason of `signal` as soon as it aborts; the work is then left to itself. */
export function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    const settled = (): void => signal.removeEventListener('abort', abort);
    work.then(resolve, reject).then(settled, settled);
  });
}

/** Why work that must not hold anybody up did not come to its end within `ms`; null: it did. What is late is left to itself. */
export async function whyUnfinished(work: Promise<unknown>, ms: number): Promise<string | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`it has not ended within ${ms / 1000} s`), ms);
  });
  const ended = work.then(
    () => null,
    (error: unknown) => messageOf(error),
  );
  const why = await Promise.race([ended, late]);
  clearTimeout(timer);
  return why;
}
