import { SettingError } from './env.ts';
import { messageOf, type Log } from './log.ts';

export interface Stoppable {
  /** Drains: takes no new work, finishes what is in flight within its limits, closes what it opened. */
  stop(): Promise<void>;
}

const EXIT_USAGE = 64;
const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/**
 * Starts a process and stops it on SIGTERM or SIGINT; a second signal ends it at once, as if nobody listened. Wrong settings exit
 * with 64, a failed start or stop with 1.
 */
export async function runService(log: Log, start: () => Promise<Stoppable>): Promise<void> {
  let service: Stoppable;
  try {
    service = await start();
  } catch (error) {
    log.error('start_failed', { error: messageOf(error) });
    process.exitCode = error instanceof SettingError ? EXIT_USAGE : 1;
    return;
  }
  const stop = (signal: NodeJS.Signals): void => {
    for (const name of SIGNALS) process.removeListener(name, stop);
    log.info('stopping', { signal });
    service.stop().then(
      () => log.info('stopped'),
      (error: unknown) => {
        log.error('stop_failed', { error: messageOf(error) });
        process.exitCode = 1;
      },
    );
  };
  for (const name of SIGNALS) process.on(name, stop);
}
