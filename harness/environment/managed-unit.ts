import type { AddressProof, FaultProof, ResourceReading, RunningService } from '../model/environment.ts';
import type { StartFailure } from './errors.ts';

/** One service under our care, whatever it runs in. Starting and stopping queue up, so that two callers never meet. */
export interface ManagedUnit extends RunningService {
  /** First start. Resolves with null when it is ready, else with why not; then nothing of it runs. Rejects with the signal's reason. */
  launch(signal: AbortSignal): Promise<StartFailure | null>;
  /** Starts it again at its old address; harmless when it runs. @throws RestartError with the last thing seen. */
  start(): Promise<FaultProof>;
  /** @throws NotStoppedError when its port still accepts connections afterwards. */
  stop(how: 'stop' | 'kill'): Promise<FaultProof>;
  /** Ends it as fast as it can go without leaving anything behind: what it stored is not needed any more. Harmless twice. */
  discard(graceMs: number): Promise<void>;
  /** Last lines of its log, sanitised. */
  logTail(lines: number): Promise<readonly string[]>;
  addressProof(): Promise<AddressProof>;
  reading(): Promise<ResourceReading | null>;
}
