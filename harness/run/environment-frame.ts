import { join } from 'node:path';
import { createRunDir, leftOnEngines, openLedger, startWatchdog, sweepDeadLedgers, type Ledger } from '../environment/index.ts';
import { messageOf } from '../model/errors.ts';

/** What every run has around its environment: ledger, watchdog, temporary folder. */
export interface Frame {
  readonly ledger: Ledger;
  readonly runDir: string;
  readonly socketPath: string;
  /** Releases watchdog and ledger. Returns what the run left on container engines, in words. */
  close(): Promise<readonly string[]>;
}

/** From here on even a kill -9 leaves nothing behind. */
export async function openFrame(runId: string): Promise<Frame> {
  const ledger = openLedger({ runId });
  const watchdog = await startWatchdog({ runId, ledgerPath: ledger.path });
  const runDir = await createRunDir(runId, ledger);
  return {
    ledger,
    runDir,
    socketPath: join(runDir, 'control.sock'),
    async close() {
      const onEngines = await seenOnEngines(ledger);
      await watchdog.detach();
      ledger.close({ onEngines });
      return onEngines;
    },
  };
}

/** Cleans what dead runs left behind, and says what. */
export async function sweep(onSwept: (what: string) => void): Promise<void> {
  for (const what of await sweepDeadLedgers()) onSwept(what);
}

/** An engine that does not answer keeps the ledger: a later sweep looks again. */
async function seenOnEngines(ledger: Ledger): Promise<readonly string[]> {
  try {
    return await leftOnEngines({ runId: ledger.runId, entries: ledger.entries() });
  } catch (error) {
    return [`what the run made on the container engine could not be looked for: ${messageOf(error)}`];
  }
}
