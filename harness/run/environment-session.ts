import { join } from 'node:path';
import type { Environment } from '../model/environment.ts';
import type { RunPlan } from '../model/plan.ts';
import { MusterError } from '../model/errors.ts';
import {
  createRunDir,
  openLedger,
  startLocal,
  startWatchdog,
  sweepDeadLedgers,
  type Ledger,
  type StartFailure,
} from '../environment/index.ts';

export type StartedEnvironment = Environment & { readonly startFailures: ReadonlyMap<string, StartFailure> };

/** The frame around everything that is started: ledger, watchdog and the run's temporary folder. */
export interface Session {
  readonly ledger: Ledger;
  readonly runDir: string;
  readonly socketPath: string;
  start(signal: AbortSignal): Promise<StartedEnvironment>;
  /** Releases watchdog and ledger once everything is disposed of. Returns leftovers in words: none when clean. */
  close(environment: StartedEnvironment | null): Promise<readonly string[]>;
}

export interface SessionOptions {
  readonly plan: RunPlan;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly onProgress: (service: string, text: string) => void;
  readonly onSwept: (what: string) => void;
}

/** Sweeps what dead runs left, then opens ledger and watchdog: from here on even a kill -9 leaves nothing behind. */
export async function openSession({ plan, env, onProgress, onSwept }: SessionOptions): Promise<Session> {
  if (plan.provider !== 'auto' && plan.provider !== 'local') throw unsupportedProvider(plan.provider);
  for (const what of await sweepDeadLedgers()) onSwept(what);
  const ledger = openLedger({ runId: plan.runId });
  const watchdog = await startWatchdog({ runId: plan.runId, ledgerPath: ledger.path });
  const runDir = await createRunDir(plan.runId, ledger);
  return {
    ledger,
    runDir,
    socketPath: join(runDir, 'control.sock'),
    start: (signal) =>
      startLocal({
        runId: plan.runId,
        runDir,
        target: plan.target,
        signal,
        ledger,
        env,
        onProgress: (text, service) => onProgress(service, text),
      }),
    async close(environment) {
      const leftovers = environment === null ? [] : await environment.audit();
      await watchdog.detach();
      ledger.close();
      return leftovers;
    },
  };
}

function unsupportedProvider(provider: string): MusterError {
  return new MusterError(`The provider "${provider}" is not available in this version; available: local.`, {
    code: 'MUSTER_NO_PROVIDER',
    blame: 'environment',
    hint: 'Use --provider local, which runs Postgres, Redis and the services as processes of this machine.',
  });
}
