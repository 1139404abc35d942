import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Postgres refuses to run as root; nobody will do. */
const NOBODY = 65_534;

/** A throw-away server for the tests of the sampler. */
export interface ScratchPostgres {
  readonly url: string;
  start(): Promise<void>;
  /** Fast shutdown: breaks all sessions. */
  stop(): Promise<void>;
  remove(): void;
}

/** The directory of a Postgres that is installed here; null when there is none. */
export function installedPostgres(): string | null {
  const base = '/usr/lib/postgresql';
  const system = existsSync(base) ? readdirSync(base).map((version) => join(base, version, 'bin')) : [];
  const named = process.env['MUSTER_POSTGRES_BIN'];
  return [...(named === undefined ? [] : [named]), ...system.toReversed()].find((dir) => existsSync(join(dir, 'initdb'))) ?? null;
}

export async function scratchPostgres(binDir: string): Promise<ScratchPostgres> {
  const data = mkdtempSync(join(tmpdir(), 'muster-scratch-'));
  const asRoot = process.getuid?.() === 0;
  const who = asRoot ? { uid: NOBODY, gid: NOBODY } : {};
  if (asRoot) chownSync(data, NOBODY, NOBODY);
  chmodSync(data, 0o700);
  execFileSync(join(binDir, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '-N'], { ...who, cwd: '/', stdio: 'ignore' });
  const port = await freePort();
  const settings = [`port=${port}`, 'listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off'].flatMap((setting) => [
    '-c',
    setting,
  ]);
  let server: ReturnType<typeof launch> | null = null;

  function launch() {
    return spawn(join(binDir, 'postgres'), ['-D', data, ...settings], { ...who, cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] });
  }

  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    async start() {
      server = launch();
      for await (const chunk of server.stderr.iterator({ destroyOnReturn: false })) {
        if (String(chunk).includes('ready to accept connections')) break;
      }
      server.stderr.resume();
    },
    async stop() {
      if (server === null || server.exitCode !== null) return;
      const ended = once(server, 'exit');
      server.kill('SIGINT');
      await ended;
    },
    remove() {
      rmSync(data, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
