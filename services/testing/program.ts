import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.ts';
import { HOST, until, type Backing } from './stack.ts';

/** The compiled program, as it is started in earnest. */
export interface RunningProgram {
  readonly child: ChildProcess;
  /** What it wrote to stdout so far. */
  readonly output: { text: string };
  /** Exit code and signal. */
  readonly exited: Promise<readonly [number | null, NodeJS.Signals | null]>;
}

export function runProgram(program: 'gateway' | 'worker' | 'meter', env: Readonly<Record<string, string>>): RunningProgram {
  const file = fileURLToPath(new URL(`../../dist/services/${program}/main.js`, import.meta.url));
  const child = spawn(process.execPath, [file], {
    env: { PATH: process.env['PATH'] ?? '', HOST, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const output = { text: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    output.text += chunk.toString('utf8');
  });
  return { child, output, exited: once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]> };
}

export interface GatewayProgram extends RunningProgram {
  readonly url: string;
}

/** A gateway in a process of its own, ready to take work. */
export async function runGateway(
  { postgres, redis, meterUrl, workerUrls }: Backing,
  env: Readonly<Record<string, string>> = {},
): Promise<GatewayProgram> {
  const port = await freePort();
  const running = runProgram('gateway', {
    DATABASE_URL: postgres.url,
    REDIS_URL: redis.url,
    METER_URL: meterUrl,
    WORKER_URLS: workerUrls,
    PORT: String(port),
    ...env,
  });
  const url = `http://${HOST}:${port}`;
  await until(() => answers(`${url}/health/ready`));
  return { ...running, url };
}

/** Whether it answers with 200 now. */
export async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).status === 200;
  } catch {
    return false;
  }
}
