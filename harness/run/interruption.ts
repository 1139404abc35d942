/** Why a run was cut short (a signal, the deadline, our own failure); also the reason of the run's abort signal. */
export class Interruption extends Error {
  override readonly name = 'Interruption';
  readonly exitCode: number;

  constructor(reason: string, exitCode: number) {
    super(reason);
    this.exitCode = exitCode;
  }
}

/** The interruption behind an aborted signal; null when the signal is not aborted. */
export function interruptionOf(signal: AbortSignal): Interruption | null {
  if (!signal.aborted) return null;
  const reason: unknown = signal.reason;
  return reason instanceof Interruption ? reason : new Interruption(String(reason), 70);
}
