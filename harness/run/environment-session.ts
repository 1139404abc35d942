import type { RunPlan } from '../model/plan.ts';
import { chooseProvider, startEnvironment, type Choice, type Ledger, type StartedEnvironment } from '../environment/index.ts';
import { openFrame, sweep } from './environment-frame.ts';

export type { StartedEnvironment } from '../environment/index.ts';

/** The frame around everything that is started: ledger, watchdog and the run's temporary folder. */
export interface Session {
  readonly provider: Choice;
  readonly ledger: Ledger;
  readonly runDir: string;
  readonly socketPath: string;
  /** What the time until every service is there is called: a stack that stood already is not started by the run. */
  readonly arrival: { readonly overhead: string; readonly words: string };
  /** The services stay when the run ends, and with them what it made. */
  readonly stays: boolean;
  /** @param onLost called when what carries the services is gone: what is measured from then on says nothing about the target. */
  start(signal: AbortSignal, onLost: (reason: string) => void): Promise<StartedEnvironment>;
  /** Releases watchdog and ledger once everything is disposed of. Returns leftovers in words: none when clean. */
  close(environment: StartedEnvironment | null): Promise<readonly string[]>;
}

export interface SessionOptions {
  readonly plan: RunPlan;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly onProgress: (service: string, text: string) => void;
  readonly onSwept: (what: string) => void;
}

/** One way in which a run gets its environment. */
export type SessionOpener = (options: SessionOptions) => Promise<Session>;

/** Sweeps what dead runs left, then opens ledger and watchdog: from here on even a kill -9 leaves nothing behind. */
export async function openSession({ plan, env, onProgress, onSwept }: SessionOptions): Promise<Session> {
  await sweep(onSwept);
  const { runId, target, allow } = plan;
  const provider = await chooseProvider(plan.provider, { target, env });
  const frame = await openFrame(runId);
  const { ledger, runDir, socketPath } = frame;
  return {
    provider,
    ledger,
    runDir,
    socketPath,
    stays: provider.name === 'external',
    arrival: { overhead: 'readyMs', words: 'every service asked for was started' },
    start: (signal, onLost) =>
      startEnvironment(provider, {
        runId,
        runDir,
        target,
        allow,
        signal,
        ledger,
        env,
        onProgress: (text, service) => onProgress(service, text),
        onLost,
      }),
    async close(environment) {
      const leftovers = environment === null ? [] : await environment.audit();
      return [...new Set([...leftovers, ...(await frame.close())])];
    },
  };
}
