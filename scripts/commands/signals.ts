import { EXIT_CODE } from '../../harness/model/state.ts';
import { Interruption } from '../../harness/supervisor.ts';
import { say } from '../terminal.ts';

const SIGNALS = { SIGINT: EXIT_CODE.SIGINT, SIGTERM: EXIT_CODE.SIGTERM, SIGHUP: 129 } as const;

/**
 * The first signal cuts the run short and lets it put everything away; the second ends this process at once and
 * leaves the rest to the watchdog.
 * @param doing what is said to happen from then on.
 */
export function listenForSignals(abort: AbortController, doing = 'stopping the services and writing what is known'): { dispose(): void } {
  let seen = false;
  const listeners = Object.entries(SIGNALS).map(([signal, exitCode]) => {
    const listener = (): void => {
      if (seen) process.exit(exitCode);
      seen = true;
      abort.abort(new Interruption(`interrupted by ${signal}`, exitCode));
      say(`\nmuster: ${signal}: ${doing} (once more to leave at once)`);
    };
    process.on(signal, listener);
    return [signal, listener] as const;
  });
  return {
    dispose() {
      for (const [signal, listener] of listeners) process.removeListener(signal, listener);
    },
  };
}
