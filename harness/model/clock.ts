/** Milliseconds on CLOCK_MONOTONIC: the same clock in every process of one host. Differences mean something, values do not. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}
