import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { packageVersion } from './package-info.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const LABEL = `muster.test=images-${String(process.pid)}`;
const run = promisify(execFile);

async function docker(...args: readonly string[]): Promise<string> {
  const { stdout } = await run('docker', [...args]);
  return stdout.trim();
}

/** Runs a container in the background. `more`: image and command, options before them. */
const start = (...more: readonly string[]): Promise<string> => docker('run', '--detach', '--init', '--label', LABEL, ...more);

/** Asks again until the answer is there: a container says nothing when what is in it becomes ready. */
async function until(answer: () => Promise<string>): Promise<string> {
  for (const deadline = Date.now() + 60_000; ; await delay(50)) {
    try {
      return await answer();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}

beforeAll(() => run('scripts/images', ['build'], { cwd: ROOT }), 600_000);

afterEach(async () => {
  const left = await docker('ps', '--all', '--quiet', '--filter', `label=${LABEL}`);
  if (left !== '') await docker('rm', '--force', '--volumes', ...left.split('\n'));
});

it('postgres makes database, role and extensions once, and keeps them over a restart', async () => {
  const app = ['APP_USER=app', "APP_PASSWORD=it's", 'APP_DB=agents', 'APP_EXTENSIONS=vector pgcrypto pg_stat_statements'];
  const env = ['POSTGRES_PASSWORD=secret', 'POSTGRES_USER=boss', ...app].flatMap((entry) => ['--env', entry]);
  const id = await start(...env, 'muster/postgres:17', '-c', 'cluster_name=from arguments');
  const asApp = (sql: string): Promise<string> =>
    docker('exec', '--env', "PGPASSWORD=it's", id, 'psql', '-h', '127.0.0.1', '-U', 'app', '-d', 'agents', '-Atc', sql);

  expect(await until(() => asApp("select '[0,3]'::vector <-> '[4,0]'"))).toBe('5');
  expect(await asApp('select rolsuper or rolcreaterole or rolcreatedb or rolbypassrls from pg_roles where rolname = current_user')).toBe(
    'f',
  );
  expect(await asApp("select current_setting('cluster_name')")).toBe('from arguments');
  await asApp('create table kept as select 7 as value');
  await docker('restart', id);
  expect(await until(() => asApp('select value from kept'))).toBe('7');
  expect(await docker('exec', id, 'id', '-un')).toBe('postgres');
});

it('postgres ends in good order on the signal that the image names', async () => {
  const id = await start('--env', 'POSTGRES_PASSWORD=secret', 'muster/postgres:17');
  await until(() => docker('exec', id, 'pg_isready', '--quiet', '--host=127.0.0.1'));
  await docker('stop', id);
  expect(await docker('inspect', '--format', '{{.State.ExitCode}}', id)).toBe('0');
});

it('postgres says what is missing when there is no password, and makes nothing', async () => {
  await expect(docker('run', '--rm', '--label', LABEL, 'muster/postgres:17')).rejects.toThrow('POSTGRES_PASSWORD is not set');
});

it.each([
  ['as its own user', []],
  ['as root, which it stops being', ['--user', 'root']],
])('redis answers a connection from another container, %s', async (_how, options) => {
  const id = await start(...options, 'muster/redis:8', 'redis-server', '--requirepass', 'secret');
  const address = await docker('inspect', '--format', '{{.NetworkSettings.IPAddress}}', id);
  const ask = (...words: readonly string[]): Promise<string> =>
    docker('run', '--rm', '--label', LABEL, 'muster/redis:8', 'redis-cli', '-h', address, '--no-auth-warning', ...words);

  expect(await until(() => ask('-a', 'secret', 'ping'))).toBe('PONG');
  expect(await ask('ping')).toContain('NOAUTH');
  expect(await docker('top', id, '-eo', 'pid,uid,args')).toMatch(/^ *\d+ +999 +redis-server/m);
});

it('redis keeps its protected mode when it is told to', async () => {
  const id = await start('muster/redis:8', '--protected-mode', 'yes');
  expect(await until(() => docker('exec', id, 'redis-cli', 'config', 'get', 'protected-mode'))).toContain('yes');
});

it('node runs as nobody in particular, without npm', async () => {
  const id = await start('muster/node:20', 'node', '-e', 'setInterval(() => {}, 1000)');
  expect(await docker('exec', id, 'node', '-p', 'process.getuid() + " " + process.version')).toMatch(/^1000 v20\./);
  await expect(docker('exec', id, 'npm', '--version')).rejects.toThrow('npm');
});

it.each(['gateway', 'meter', 'worker'])(
  'the image of the services holds all that the %s loads, and nothing that it may change',
  async (service) => {
    const version = packageVersion();
    const env = [
      'ROLE=ai_ml',
      'METER_URL=http://127.0.0.1:1',
      'DATABASE_URL=postgres://x@127.0.0.1:1/x',
      'REDIS_URL=redis://127.0.0.1:1',
      'WORKER_URLS=ai_ml=http://127.0.0.1:1',
    ];
    const id = await start(
      ...env.flatMap((entry) => ['--env', entry]),
      `muster/services:${version}`,
      'node',
      `dist/services/${service}/main.js`,
    );
    const health = 'fetch("http://127.0.0.1:8080/health").then((answer) => answer.json()).then((body) => console.log(body.service))';
    expect(await until(() => docker('exec', id, 'node', '-e', health))).toBe(service);
    expect(await docker('exec', id, 'find', '/app', '-writable')).toBe('');
  },
);

it('removes only what is ours, though what stands on it has our labels', async () => {
  const tag = `of-the-user/${LABEL.replaceAll(/[^a-z0-9]+/g, '-')}:1`;
  const build = execFile('docker', ['build', '--quiet', '--tag', tag, '-'], { env: { ...process.env, DOCKER_BUILDKIT: '0' } });
  build.stdin?.end('FROM muster/redis:8\nLABEL muster.cache="build something" muster.test=images\n');
  await once(build, 'exit');
  try {
    expect(await docker('image', 'ls', '--quiet', tag)).not.toBe('');
    const { stdout } = await run('scripts/images', ['remove', '--dry-run'], { cwd: ROOT });
    expect(stdout).toContain('would remove muster/redis:8');
    expect(stdout).not.toContain(tag);
  } finally {
    await docker('image', 'rm', '--force', tag);
  }
});
