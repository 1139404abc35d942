import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** A load generator as a program of its own. */
export interface Rival {
  readonly name: string;
  /** @param rate requests per second in all; null: as many as it can, for those that can be told so. */
  command(origin: string, seconds: number, rate: number | null): readonly [string, readonly string[]];
}

export const CONNECTIONS = 32;

export const wrk: Rival = {
  name: 'wrk',
  command: (origin, seconds) => ['wrk', ['-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, origin]],
};

/** `-R` is a burst at each second, not a rate: the same number of requests, which is what CPU is counted for. */
export const autocannon: Rival = {
  name: 'autocannon',
  command: (origin, seconds, rate) => {
    const program = createRequire(import.meta.url).resolve('autocannon/autocannon.js');
    const limit = rate === null ? [] : ['-R', `${rate}`];
    return [process.execPath, [program, '-c', `${CONNECTIONS}`, '-d', `${seconds}`, ...limit, '--json', origin]];
  },
};

export const openLoop = muster('muster open loop', ['--client', 'own']);
export const undiciOpenLoop = muster('muster over undici', ['--client', 'undici']);
/** With a promise per request. */
export const closedLoop = muster('muster closed loop', ['--loop', 'closed']);

function muster(name: string, options: readonly string[]): Rival {
  const program = fileURLToPath(new URL('./load-program.js', import.meta.url));
  return {
    name,
    command: (origin, seconds, rate) => {
      const load = ['--origin', origin, '--seconds', `${seconds}`, '--rate', `${rate ?? 0}`];
      return [process.execPath, [program, ...load, '--connections', `${CONNECTIONS}`, ...options]];
    },
  };
}
