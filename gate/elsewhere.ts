import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MUSTER = join(ROOT, 'dist/scripts/muster.js');

export interface Service {
  readonly name: string;
  readonly kind: string;
  readonly url: string;
  readonly adminUrl: string | null;
}

/** The reference stack as somebody else runs it: held by `muster up` in a folder of its own. */
export interface Elsewhere extends AsyncDisposable {
  readonly services: readonly Service[];
  /** A target file with the bindings of the reference target and nothing but addresses of services, which come from variables. */
  readonly targetFile: string;
  /** The variables that the target file names. */
  readonly env: Readonly<Record<string, string>>;
}

/** How somebody would start a service, or reach it in a stack of their own. */
const OWN_MEANS = new Set(['command', 'cwd', 'env', 'image', 'build', 'containerCommand', 'containerPort', 'compose', 'url', 'adminUrl']);

/** @param withAdmin names of the stores to which the target file also gives the administrator's way in. */
export async function startElsewhere(withAdmin: readonly string[]): Promise<Elsewhere> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-elsewhere-'));
  const up = await muster(['up', '--provider', 'local', '--target', join(ROOT, 'targets/reference.yaml'), '--json'], { cwd: folder });
  if (up.exitCode !== 0) throw new Error(`the stack did not come up: ${up.stderr}`);
  const { services } = JSON.parse(up.stdout) as { readonly services: readonly Service[] };
  const reference = parse(await readFile(join(ROOT, 'targets/reference.yaml'), 'utf8')) as Readonly<Record<string, unknown>>;
  const given = services.flatMap(({ name, url, adminUrl }) => [
    { name, key: 'url', variable: `AT_${name.toUpperCase()}`, value: url },
    ...(adminUrl !== null && withAdmin.includes(name)
      ? [{ name, key: 'adminUrl', variable: `AT_${name.toUpperCase()}_AS_ADMIN`, value: adminUrl }]
      : []),
  ]);
  const placed = Object.entries(reference['services'] as Record<string, Record<string, unknown>>).map(([name, service]) => {
    const addresses = given.filter((one) => one.name === name).map(({ key, variable }) => [key, `\${env.${variable}}`]);
    const kept = Object.fromEntries(Object.entries(service).filter(([key]) => !OWN_MEANS.has(key)));
    return [name, { ...kept, ...Object.fromEntries(addresses) }] as const;
  });
  const targetFile = join(folder, 'staging.yaml');
  const { compose: _, stores, ...target } = reference;
  const atHome = { ...(stores as Readonly<Record<string, unknown>>), migrations: movedFrom(stores) };
  await writeFile(targetFile, stringify({ ...target, services: Object.fromEntries(placed), stores: atHome }));
  return {
    services,
    targetFile,
    env: Object.fromEntries(given.map(({ variable, value }) => [variable, value])),
    async [Symbol.asyncDispose]() {
      await muster(['down'], { cwd: folder });
      await rm(folder, { recursive: true });
    },
  };
}

/** The program that migrates is where it was, also for a target file in another folder. */
function movedFrom(stores: unknown): unknown {
  const { migrations } = stores as { readonly migrations: Readonly<Record<string, unknown>> };
  return { ...migrations, cwd: ROOT };
}

/** A process of somebody else's that answers on a free port of loopback. */
export async function startPlainServer(env: Readonly<Record<string, string>>): Promise<AsyncDisposable & { readonly port: number }> {
  const child = spawn(process.execPath, [join(ROOT, 'gate/targets/plain-server.mjs')], {
    env: { ...env, PORT: '0', HOST: '127.0.0.1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
  return {
    port: Number(chunk.toString('utf8')),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}

/** The compiled command line, for commands that write no report. */
export async function muster(
  args: readonly string[],
  { cwd = ROOT, env = {} }: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<{ readonly exitCode: number | null; readonly stdout: string; readonly stderr: string }> {
  const child = spawn(
    process.execPath,
    [MUSTER, ...args, '--no-color'].filter((word) => word !== '--no-color' || args[0] !== 'down'),
    {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const text = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text.stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text.stderr += chunk));
  const [exitCode] = (await once(child, 'close')) as [number | null];
  return { exitCode, ...text };
}
