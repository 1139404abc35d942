import { ServiceError } from './service-error.ts';

/** A probe whose answer may be reused for `maxAgeMs`; concurrent callers share one probe. */
export function fresh<T>(probe: () => Promise<T>, maxAgeMs: number): () => Promise<T> {
  let startedAtMs = Number.NEGATIVE_INFINITY;
  let latest: Promise<T> | undefined;
  return () => {
    const nowMs = performance.now();
    if (latest === undefined || nowMs - startedAtMs > maxAgeMs) {
      startedAtMs = nowMs;
      latest = probe();
    }
    return latest;
  };
}

/** @throws ServiceError timeout when `work` takes longer than `limitMs`; the work itself is not cancelled. */
export async function within<T>(work: Promise<T>, limitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new ServiceError('timeout', `no answer within ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
