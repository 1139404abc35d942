import { randomBytes } from 'node:crypto';
import { MusterError } from '../../../model/errors.ts';
import type { HttpService, Target } from '../../../model/target.ts';
import { startContainers } from '../../containers.ts';
import { http } from '../../fixtures/target.ts';
import { type Ledger, openLedger } from '../../ledger.ts';
import type { StartedEnvironment, StartOptions } from '../../provider.ts';
import { createRunDir } from '../../run-dir.ts';
import { engineRemains } from '../../testing/engine-remains.ts';
import { type Engine, findEngine } from '../engine.ts';

/** Answers everything with what it knows of itself; ends on SIGTERM only when it is told to. */
export const SERVER = `const http = require('node:http');
process.on('SIGTERM', () => { if (process.env.STUBBORN === undefined) process.exit(0); });
http.createServer((q, r) => {
  if (q.url === '/leave') process.exit(3);
  if (q.url === '/eat') { const all = []; setInterval(() => all.push(Buffer.alloc(8 << 20, 1)), 5); }
  r.end(JSON.stringify({ status: 'healthy', env: process.env, host: q.headers.host }));
}).listen(Number(process.env.PORT), process.env.HOST, () => console.log('listening on ' + process.env.HOST));`;

export function node(name: string, more: Partial<HttpService> = {}, program = SERVER): HttpService {
  return http(name, '', { image: 'muster/node:20', containerPort: 3456, containerCommand: ['node', '-e', program], ...more });
}

interface Run {
  readonly runId: string;
  readonly progress: string[];
  readonly lost: string[];
  environment: StartedEnvironment | null;
}

/** What is done after the test, the newest first. */
export const cleanUp: (() => Promise<unknown>)[] = [];

export async function endAll(): Promise<void> {
  for (const undo of cleanUp.splice(0).toReversed()) await undo();
}

export async function start(spec: Target, more: Partial<StartOptions> = {}): Promise<Run & { readonly environment: StartedEnvironment }> {
  const run: Run = { runId: `engine-${randomBytes(5).toString('hex')}`, progress: [], lost: [], environment: null };
  const ledger: Ledger = openLedger({ runId: run.runId });
  cleanUp.push(async () => {
    await run.environment?.[Symbol.asyncDispose]();
    const onEngines = await engineRemains(await engine(), [run.runId]);
    ledger.close({ onEngines });
    if (onEngines.length > 0) throw new Error(`left on the engine: ${JSON.stringify(onEngines)}`);
  });
  const environment = await startContainers({
    runId: run.runId,
    runDir: await createRunDir(run.runId, ledger),
    target: spec,
    signal: new AbortController().signal,
    ledger,
    env: process.env,
    onProgress: (text, name) => run.progress.push(`${name}: ${text}`),
    onLost: (reason) => run.lost.push(reason),
    allow: { hosts: [], faults: false },
    ...more,
  });
  run.environment = environment;
  return { ...run, environment };
}

export async function engine(): Promise<Engine> {
  const search = await findEngine(process.env);
  if (search.engine === null) throw new Error('no container engine answers; run this where one does');
  return search.engine;
}

export function service(environment: StartedEnvironment, name: string) {
  const found = environment.services.get(name);
  if (found === undefined) throw new Error(`no service ${name}`);
  return found;
}

export async function refusal(spec: Target, more: Partial<StartOptions> = {}): Promise<MusterError> {
  try {
    await start(spec, more);
  } catch (error) {
    if (error instanceof MusterError) return error;
    throw error;
  }
  throw new Error('it was expected not to start');
}
