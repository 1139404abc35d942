import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Engine, engineAt } from '../harness/environment/containers/engine.ts';
import { whyAbsent } from '../harness/environment/containers/engine-probe.ts';
import { processInfo, sendSignal } from '../harness/environment/process-table.ts';

const UP_WITHIN_MS = 30_000;
const run = promisify(execFile);

/** A container engine of the test's own, which may be stopped. It has a network of its own: what talks to its containers runs `through`. */
export interface SecondEngine extends AsyncDisposable {
  readonly engine: Engine;
  /** Command and arguments that run a program in the engine's network. */
  readonly through: readonly string[];
  /** Harmless when it is running. */
  start(): Promise<void>;
  /** SIGTERM stops its containers first, SIGKILL leaves them running. */
  stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/**
 * Starts an engine with nothing but copies of these images. Needs root, `unshare`, `nsenter` and `ip`.
 * @param place the folder in which it keeps everything.
 * @throws Error when it does not come up; the end of its log says why.
 */
export async function startSecondEngine(from: Engine, images: readonly string[], place = tmpdir()): Promise<SecondEngine> {
  const home = await mkdtemp(join(place, 'e2-'));
  const address = `unix://${join(home, 'engine.sock')}`;
  const holder = await holdNetwork();
  const through = ['nsenter', `--net=/proc/${String(holder.pid)}/ns/net`];
  let daemon: ChildProcess | null = null;
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    if (daemon === null) return;
    const ended = once(daemon, 'exit');
    daemon.kill(signal);
    await ended;
    daemon = null;
    await containerdGone(join(home, 'exec', 'containerd', 'containerd.pid'));
  };
  const engine: SecondEngine = {
    engine: engineAt(address),
    through,
    async start() {
      if (daemon !== null) return;
      daemon = spawnDaemon([...through.slice(1), 'dockerd', ...flags(home, address)], join(home, 'log'));
      await untilUp(address, join(home, 'log'));
    },
    stop,
    async [Symbol.asyncDispose]() {
      await removeContainers(engine.engine);
      await stop('SIGTERM');
      holder.kill('SIGKILL');
      await unmountBelow(home);
      await rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
  try {
    await engine.start();
    for (const image of images) await copyImage(from, engine.engine, image, join(home, 'image.tar'));
    return engine;
  } catch (error) {
    await engine[Symbol.asyncDispose]();
    throw error;
  }
}

function spawnDaemon(args: readonly string[], log: string): ChildProcess {
  const daemon = spawn('nsenter', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  daemon.stderr.pipe(createWriteStream(log, { flags: 'a' }));
  return daemon;
}

/** A network that outlives the engine, as a host's does. */
async function holdNetwork(): Promise<ChildProcess> {
  const holder = spawn('unshare', ['--net', 'sh', '-c', 'ip link set lo up && exec sleep infinity'], { stdio: 'ignore' });
  await once(holder, 'spawn');
  return holder;
}

/** A daemon that is killed takes its containerd along, a little later; the next one would take the dying for its own. */
async function containerdGone(pidFile: string): Promise<void> {
  const pid = Number(await readFile(pidFile, 'utf8').catch(() => '0'));
  if (pid < 2) return;
  sendSignal(pid, 'SIGKILL');
  for (let info = processInfo(pid); info !== null; info = processInfo(pid)) await delay(20);
  await rm(pidFile, { force: true });
}

/** A daemon that is killed leaves its mounts. */
async function unmountBelow(folder: string): Promise<void> {
  const places = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n').flatMap((line) => line.split(' ')[4] ?? []);
  for (const place of places.filter((path) => path.startsWith(`${folder}/`)).toReversed()) await run('umount', ['--lazy', place]);
}

function flags(home: string, address: string): string[] {
  const own = (what: string): string => join(home, what);
  const places = ['--host', address, '--data-root', own('data'), '--exec-root', own('exec'), '--pidfile', own('pid')];
  // Should it share a containerd with another engine, each keeps to its own.
  const namespace = `muster-${basename(home)}`;
  const namespaces = ['--containerd-namespace', namespace, '--containerd-plugins-namespace', `${namespace}-plugins`];
  return [...places, ...namespaces, '--iptables=false', '--ip6tables=false', '--shutdown-timeout', '2'];
}

async function untilUp(address: string, log: string): Promise<void> {
  const end = performance.now() + UP_WITHIN_MS;
  while ((await whyAbsent(address)) !== null) {
    if (performance.now() > end) throw new Error(`the second engine did not come up:\n${(await readFile(log, 'utf8')).slice(-2_000)}`);
    await delay(50);
  }
}

async function copyImage(from: Engine, to: Engine, image: string, file: string): Promise<void> {
  await pipeline(await from.docker.getImage(image).get(), createWriteStream(file));
  await run('docker', ['--host', to.address, 'load', '--quiet', '--input', file]);
  await rm(file);
}

async function removeContainers({ docker }: Engine): Promise<void> {
  const containers = await docker.listContainers({ all: true }).catch(() => []);
  await Promise.allSettled(containers.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })));
}
