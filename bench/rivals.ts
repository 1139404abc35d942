import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** What one generator did in one round. */
export interface Round {
  readonly perSecond: number;
  /** CPU of the generator per answered request. */
  readonly cpuMicros: number | null;
}

export interface Rival {
  readonly name: string;
  run(origin: string): Promise<Round>;
}

export const CONNECTIONS = 32;
export const SECONDS = 2;
const TICK_MS = 10;

export const wrk: Rival = {
  name: 'wrk',
  async run(origin) {
    const { stdout, cores } = await watched('wrk', ['-t1', `-c${CONNECTIONS}`, `-d${SECONDS}s`, origin]);
    return round(Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]), cores);
  },
};

export const autocannon: Rival = {
  name: 'autocannon',
  async run(origin) {
    const program = createRequire(import.meta.url).resolve('autocannon/autocannon.js');
    const { stdout, cores } = await watched(process.execPath, [program, '-c', `${CONNECTIONS}`, '-d', `${SECONDS}`, '--json', origin]);
    const { requests } = JSON.parse(stdout) as { readonly requests: { readonly average: number } };
    return round(requests.average, cores);
  },
};

function round(perSecond: number, cores: number | null): Round {
  return { perSecond, cpuMicros: cores === null ? null : (cores * 1e6) / perSecond };
}

/** Runs a program to its end; `cores` is its CPU use while at full speed (from a quarter of the time to its end). */
async function watched(command: string, args: readonly string[]): Promise<{ stdout: string; cores: number | null }> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const samples: { readonly atMs: number; readonly cpuMs: number }[] = [];
  const watch = setInterval(() => {
    const cpuMs = cpuOf(child.pid ?? 0);
    if (cpuMs !== null) samples.push({ atMs: performance.now(), cpuMs });
  }, 50);
  try {
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
    await once(child, 'close');
    return { stdout, cores: steadyCores(samples) };
  } finally {
    clearInterval(watch);
  }
}

function steadyCores(samples: readonly { readonly atMs: number; readonly cpuMs: number }[]): number | null {
  const [from, to] = [samples[Math.floor(samples.length / 4)], samples[Math.floor(samples.length * 0.9)]];
  return from === undefined || to === undefined || to.atMs <= from.atMs ? null : (to.cpuMs - from.cpuMs) / (to.atMs - from.atMs);
}

/** null once the process is gone. */
function cpuOf(pid: number): number | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  } catch {
    return null;
  }
}
