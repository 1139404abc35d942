import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { HttpService } from '../model/target.ts';
import type { Env } from './binaries.ts';
import { type Address, fillStart, HOST } from './placeholders.ts';
import type { HeldPort } from './ports.ts';
import { httpProbe } from './probes.ts';
import { RUN_MARKER } from './run-processes.ts';
import type { Manners, ServicePlan } from './service-plan.ts';

const MANNERS: Manners = { shutdown: [{ signal: 'SIGTERM', withinMs: 5_000 }], endSignal: 'SIGTERM', wholeGroup: true };

/** Variables of the caller that a service gets; everything else would make runs depend on the shell they were started from. */
const INHERITED = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'USER'];

export interface HttpContext {
  readonly runId: string;
  readonly runDir: string;
  readonly held: HeldPort;
  readonly env: Env;
  readonly addresses: ReadonlyMap<string, Address>;
  readonly secrets: readonly string[];
}

/**
 * A service of the target as a child process; its temporary files go into the run directory.
 * @throws MusterError (config) when a placeholder of its command or environment names nothing.
 */
export function planHttp(service: HttpService, context: HttpContext): ServicePlan {
  const { held, env, runDir, runId } = context;
  const filled = fillStart(service, context.addresses);
  const [program = '', ...args] = filled.command;
  const inherited = INHERITED.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]));
  const temporary = join(runDir, 'tmp', service.name);
  const { url } = httpAddress(held.port);
  return {
    name: service.name,
    kind: 'http',
    url,
    adminUrl: url,
    held,
    secrets: context.secrets,
    manners: MANNERS,
    withinMs: service.ready.withinMs,
    async prepare() {
      await mkdir(temporary, { recursive: true });
      return {
        file: program === 'node' ? process.execPath : program,
        args,
        cwd: service.cwd,
        env: { ...Object.fromEntries(inherited), TMPDIR: temporary, ...filled.env, PORT: String(held.port), HOST, [RUN_MARKER]: runId },
      };
    },
    probe: httpProbe(held.port, service.ready, context.secrets),
    inspect: (pid) => Promise.resolve({ version: null, identity: { pid: String(pid) } }),
  };
}

export function httpAddress(port: number): Address {
  return { url: `http://${HOST}:${String(port)}`, port };
}
