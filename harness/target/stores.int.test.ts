import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StreamBinding } from '../model/target.ts';
import { createPostgresWitness } from './postgres-witness.ts';
import { createRedisStreamReader } from './redis-stream.ts';
import { template } from './testing/loopback.ts';

const NOBODY = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Resolves when the process prints `text`; rejects with what it printed when it ends before. */
function started(child: ChildProcess, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    const look = (chunk: Buffer): void => {
      output += chunk.toString('utf8');
      if (output.includes(text)) resolve();
    };
    child.stdout?.on('data', look);
    child.stderr?.on('data', look);
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`ended before "${text}": ${output}`)));
  });
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exit;
}

describe('the Redis stream reader', () => {
  const binding: StreamBinding = { add: template('POST /x'), processed: 'select 1', key: 'messages:${agent}', group: 'group_${agent}' };
  let server: ChildProcess;
  let url = '';

  beforeAll(async () => {
    const port = await freePort();
    server = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', tmpdir()]);
    await started(server, 'Ready to accept connections');
    url = `redis://127.0.0.1:${port}`;
  });

  afterAll(() => stopped(server));

  it('counts entries and what is delivered but not acknowledged, and reports a lost server as data', async () => {
    const redis = new Redis(url);
    const reader = createRedisStreamReader({ url, binding, timeoutMs: 2000 });
    try {
      expect(await reader.length('a')).toEqual({ ok: true, value: 0 });
      const missing = await reader.pending('a');
      expect(missing.ok ? '' : missing.problem).toContain('NOGROUP');
      await redis.xgroup('CREATE', 'messages:a', 'group_a', '$', 'MKSTREAM');
      for (const value of ['1', '2', '3']) await redis.xadd('messages:a', '*', 'value', value);
      await redis.xreadgroup('GROUP', 'group_a', 'me', 'COUNT', 2, 'STREAMS', 'messages:a', '>');
      expect(await reader.length('a')).toEqual({ ok: true, value: 3 });
      expect(await reader.pending('a')).toEqual({ ok: true, value: 2 });
      redis.disconnect();
      await stopped(server);
      for (const reading of [await reader.length('a'), await reader.pending('a')]) {
        expect(reading.ok ? '' : reading.problem).toMatch(/ECONNREFUSED|closed|ECONNRESET/);
      }
    } finally {
      redis.disconnect();
      await reader[Symbol.asyncDispose]();
    }
  });
});

describe('the Postgres witness', () => {
  let folder = '';
  let server: ChildProcess;
  let url = '';

  beforeAll(async () => {
    const bin = execFileSync('pg_config', ['--bindir'], { encoding: 'utf8' }).trim();
    folder = await mkdtemp(join(tmpdir(), 'muster-witness-'));
    if (NOBODY.uid !== undefined) await chown(folder, NOBODY.uid, NOBODY.gid);
    const data = join(folder, 'data');
    execFileSync(join(bin, 'initdb'), ['-D', data, '-U', 'admin', '-A', 'trust', '--no-sync'], { ...NOBODY, cwd: folder, stdio: 'pipe' });
    const port = await freePort();
    server = spawn(join(bin, 'postgres'), ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', folder], { ...NOBODY, cwd: folder });
    await started(server, 'ready to accept connections');
    url = `postgres://admin@127.0.0.1:${port}/postgres`;
  });

  afterAll(async () => {
    await stopped(server);
    await rm(folder, { recursive: true });
  });

  it('reads values and counts for a parameter, and reports every failure as data', async () => {
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.query("create table m (key text, value text); insert into m values ('a', '1'), ('a', '2'), ('b', '3')");
    await client.end();
    const witness = createPostgresWitness({ url, timeoutMs: 500 });
    try {
      expect(await witness.values('select value from m where key = $1 order by value', 'a')).toEqual({ ok: true, values: ['1', '2'] });
      expect(await witness.values('select key, value from m where key = $1', 'b')).toEqual({ ok: true, values: ['3'] });
      expect(await witness.values('select value from m where key = $1', 'z')).toEqual({ ok: true, values: [] });
      expect(await witness.count('select count(*) from m where key = $1', 'a')).toEqual({ ok: true, value: 2 });
      expect(await witness.count('select value from m where key = $1 and false', 'a')).toEqual({
        ok: false,
        problem: 'the SQL returned no number',
      });
      expect(await witness.values('select nope from m where key = $1', 'a')).toEqual({
        ok: false,
        problem: 'column "nope" does not exist',
      });
      const slow = await witness.count('select pg_sleep(60) from m where key = $1', 'b');
      expect(slow).toEqual({ ok: false, problem: 'canceling statement due to statement timeout' });
      await stopped(server);
      const lost = await witness.values('select value from m where key = $1', 'a');
      expect(lost.ok).toBe(false);
    } finally {
      await witness[Symbol.asyncDispose]();
    }
  });
});
