interface Closable {
  close(): Promise<void>;
}

/** Opens all at once; when one cannot be opened, those that could are closed before the error is passed on. */
export async function openAll<T extends Closable>(open: readonly (() => Promise<T>)[]): Promise<readonly T[]> {
  const results = await Promise.allSettled(open.map((one) => one()));
  const opened = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed === undefined) return opened;
  await Promise.all(opened.map((one) => one.close()));
  throw failed.reason;
}
