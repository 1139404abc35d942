import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import type { ServiceExit } from '../../model/environment.ts';
import { MusterError } from '../../model/errors.ts';
import type { HttpService, Target } from '../../model/target.ts';
import { startContainers, suitsContainers } from '../containers.ts';
import { PortInUseError } from '../errors.ts';
import { http, postgres, redis, target } from '../fixtures/target.ts';
import { type Ledger, openLedger } from '../ledger.ts';
import { withRedis } from '../probes.ts';
import type { StartedEnvironment, StartOptions } from '../provider.ts';
import { createRunDir } from '../run-dir.ts';
import { engineRemains } from '../testing/engine-remains.ts';
import { type Engine, engineAt, findEngine } from './engine.ts';

const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);

/** Answers everything with what it knows of itself; ends on SIGTERM only when it is told to. */
const SERVER = `const http = require('node:http');
process.on('SIGTERM', () => { if (process.env.STUBBORN === undefined) process.exit(0); });
http.createServer((q, r) => {
  if (q.url === '/leave') process.exit(3);
  if (q.url === '/eat') { const all = []; setInterval(() => all.push(Buffer.alloc(8 << 20, 1)), 5); }
  r.end(JSON.stringify({ status: 'healthy', env: process.env, host: q.headers.host }));
}).listen(Number(process.env.PORT), process.env.HOST, () => console.log('listening on ' + process.env.HOST));`;

function node(name: string, more: Partial<HttpService> = {}, program = SERVER): HttpService {
  return http(name, '', { image: 'muster/node:20', containerPort: 3456, containerCommand: ['node', '-e', program], ...more });
}

interface Run {
  readonly runId: string;
  readonly progress: string[];
  readonly lost: string[];
  environment: StartedEnvironment | null;
}

const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).toReversed()) await undo();
});

async function start(spec: Target, more: Partial<StartOptions> = {}): Promise<Run & { readonly environment: StartedEnvironment }> {
  const run: Run = { runId: `engine-${randomBytes(5).toString('hex')}`, progress: [], lost: [], environment: null };
  const ledger: Ledger = openLedger({ runId: run.runId });
  cleanUp.push(async () => {
    await run.environment?.[Symbol.asyncDispose]();
    const onEngines = await engineRemains(await engine(), [run.runId]);
    ledger.close({ onEngines });
    expect(onEngines).toEqual([]);
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

async function engine(): Promise<Engine> {
  const search = await findEngine(process.env);
  if (search.engine === null) throw new Error('no container engine answers; run this where one does');
  return search.engine;
}

function service(environment: StartedEnvironment, name: string) {
  const found = environment.services.get(name);
  if (found === undefined) throw new Error(`no service ${name}`);
  return found;
}

async function refusal(spec: Target, more: Partial<StartOptions> = {}): Promise<MusterError> {
  try {
    await start(spec, more);
  } catch (error) {
    if (error instanceof MusterError) return error;
    throw error;
  }
  throw new Error('it was expected not to start');
}

async function query(url: string | null, text: string): Promise<readonly unknown[]> {
  const client = new Client({ connectionString: url ?? '' });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows.flatMap((row) => Object.values(row));
  } finally {
    await client.end();
  }
}

async function nextExit(environment: StartedEnvironment): Promise<ServiceExit> {
  return await new Promise((resolve) => environment.onUnexpectedExit(resolve));
}

describe('stores', () => {
  it('have the same roles and settings as local ones, and keep what was acknowledged when they are killed', async () => {
    const { environment, runId } = await start(target(postgres, redis));
    const database = service(environment, 'postgres');
    expect(await query(database.url, 'select current_user::text, current_database()::text')).toEqual(['muster_app', 'agents']);
    const settings = ['fsync', 'synchronous_commit', 'full_page_writes', 'cluster_name', 'shared_preload_libraries', 'TimeZone'];
    expect(await query(database.adminUrl, settings.map((name) => `select current_setting('${name}')`).join(' union all '))).toEqual([
      'on',
      'on',
      'on',
      `muster-${runId}`,
      'pg_stat_statements',
      'UTC',
    ]);
    expect(
      await query(database.url, `select rolsuper::text from pg_roles where rolname in ('muster_admin', 'muster_app') order by rolname`),
    ).toEqual(['true', 'false']);
    expect(environment.facts).toMatchObject({
      'engine.version': matching(/^\d/),
      'engine.address': (await engine()).address,
      'postgres.image': matching(/^muster\/postgres:17 \([0-9a-f]{12}\)$/),
      'postgres.version': matching(/^17/),
      'postgres.extension.pgcrypto': matching(/^1/),
      'postgres.extension.no_such_extension': 'missing',
      'redis.version': matching(/^8/),
    });
    expect(database.identity).toMatchObject({ clusterName: `muster-${runId}`, systemIdentifier: matching(/^\d+$/) });

    await query(database.url, 'create table kept as select 7 as n');
    await withRedis(service(environment, 'redis').url, (client) => client.set('kept', '7'));
    const port = database.port;
    for (const name of ['postgres', 'redis']) {
      expect((await environment.stop(name, 'kill')).proof).toMatch(
        /was ended by SIGKILL after \d+ ms; 127\.0\.0\.1:\d+ answers ECONNREFUSED$/,
      );
      await environment.start(name);
    }
    expect(await query(database.url, 'select n from kept')).toEqual([7]);
    expect(await withRedis(service(environment, 'redis').url, (client) => client.get('kept'))).toBe('7');
    expect(await withRedis(service(environment, 'redis').adminUrl ?? '', (client) => client.config('GET', 'maxmemory-policy'))).toContain(
      'noeviction',
    );
    expect({ port: database.port, restarts: database.restarts }).toEqual({ port, restarts: 1 });
    expect((await environment.stop('postgres', 'stop')).proof).toMatch(/exited with code 0 after/);
    await environment.start('postgres');
  });

  it('of a run ask for passwords, over the network too', async () => {
    const { environment } = await start(target(postgres, redis));
    const { port } = service(environment, 'postgres');
    await expect(query(`postgres://muster_admin@127.0.0.1:${String(port)}/postgres`, 'select 1')).rejects.toThrow(/password/);
    await expect(withRedis(`redis://127.0.0.1:${String(service(environment, 'redis').port)}`, (client) => client.get('x'))).rejects.toThrow(
      /NOAUTH|Connection is closed/,
    );
  });
});

describe('services', () => {
  it('get the addresses inside of the network, and are published on loopback only', async () => {
    const env = { DB: '${postgres.url}', CACHE: '${redis.url}', PEER: '${peer.url}', OWN: '${host}:${port}' };
    const { environment, runId } = await start(
      target(postgres, redis, node('peer'), node('agent', { env, dependsOn: ['postgres', 'redis', 'peer'] })),
    );
    const agent = service(environment, 'agent');
    const answer = (await (await fetch(agent.url)).json()) as { env: Record<string, string>; host: string };
    expect(answer.env).toMatchObject({
      DB: matching(/^postgres:\/\/muster_app:[0-9a-f]+@postgres:5432\/agents$/),
      CACHE: matching(/^redis:\/\/:[0-9a-f]+@redis:6379\/1$/),
      PEER: 'http://peer:3456',
      OWN: '0.0.0.0:3456',
      PORT: '3456',
      HOST: '0.0.0.0',
    });
    expect(answer.host).toBe(`127.0.0.1:${String(agent.port)}`);
    const { docker } = await engine();
    const info = await docker.getContainer(agent.container ?? '').inspect();
    expect(info.NetworkSettings.Ports).toEqual({ '3456/tcp': [{ HostIp: '127.0.0.1', HostPort: String(agent.port) }] });
    expect(Object.keys(info.NetworkSettings.Networks)).toEqual([`muster-${runId}`]);
    expect(info.HostConfig).toMatchObject({ Init: true, RestartPolicy: { Name: 'no' }, LogConfig: { Type: 'json-file' } });
    expect(info.Config.Labels['muster.run']).toBe(runId);

    expect(await environment.addressProof('agent')).toEqual({
      ok: true,
      seen: `container ${info.Id.slice(0, 12)} of run ${runId} runs and publishes 3456/tcp as 127.0.0.1:${String(agent.port)}`,
    });
    expect(agent.pid).toBe(info.State.Pid);
    const reading = await environment.reading('agent');
    expect(reading?.memoryBytes).toBeGreaterThan(1_000_000);
    expect(reading?.cpuMs).toBeGreaterThan(1);
    expect(reading?.processes).toBeGreaterThan(1);
    expect(reading?.memoryLimitBytes).toBeNull();
  });

  it('that ignore SIGTERM are killed after their grace, even when frozen', async () => {
    const { environment } = await start(target(node('agent', { env: { STUBBORN: '1' } })));
    const { docker } = await engine();
    const id = service(environment, 'agent').container ?? '';
    await docker.getContainer(id).pause();
    expect((await environment.stop('agent', 'kill')).proof).toMatch(/was ended by SIGKILL/);
    await environment.start('agent');
    expect((await environment.stop('agent', 'stop')).proof).toMatch(/was ended by SIGKILL after 5\d\d\d ms; /);
    expect((await environment.stop('agent', 'stop')).proof).toMatch(/was not running; 127\.0\.0\.1:\d+ answers ECONNREFUSED$/);
    await environment.start('agent');
    await docker.getContainer(id).pause();
  });

  it('may write rubbish to their log, over several lives of their container', async () => {
    const rubbish = `process.stdout.write(Buffer.from([1, 0, 0, 0, 0, 0, 0, 9, 255, 254, 27, 91, 51, 49, 109]));
      process.stdout.write('password=hunter2 \\u202Eevil\\n'); ${SERVER}`;
    const { environment } = await start(target(node('agent', {}, rubbish)));
    const first = await environment.logTail('agent', 10);
    expect(first.at(-1)).toBe('listening on 0.0.0.0');
    expect(first.join('\n')).toMatch(/password=\[redacted\] evil/);
    for (const mark of ['\u0000', '\u0001', '\u001B', '\u202E']) expect(first.join('\n')).not.toContain(mark);
    await environment.stop('agent', 'stop');
    await environment.start('agent');
    await expect
      .poll(async () => (await environment.logTail('agent', 100)).filter((line) => line === 'listening on 0.0.0.0').length)
      .toBe(2);
  });

  it('are missed when they leave by themselves, and when they run out of memory', async () => {
    const limited = { resources: { memoryBytes: 64 * 1024 * 1024, cpus: 0.5 } };
    const { environment } = await start(target(node('quitter', { critical: false }), node('eater', limited)));
    expect((await environment.reading('eater'))?.memoryLimitBytes).toBe(64 * 1024 * 1024);
    const left = nextExit(environment);
    await fetch(`${service(environment, 'quitter').url}/leave`).catch(() => undefined); // it leaves without an answer
    expect(await left).toMatchObject({ service: 'quitter', code: 3, signal: null, logTail: ['listening on 0.0.0.0'] });
    expect(service(environment, 'quitter')).toMatchObject({ running: false, pid: null });
    const eaten = new Promise<ServiceExit>((resolve) => environment.onUnexpectedExit((exit) => exit.service === 'eater' && resolve(exit)));
    await fetch(`${service(environment, 'eater').url}/eat`);
    expect(await eaten).toMatchObject({ service: 'eater', cause: 'was killed for lack of memory (limit 64 MiB)' });
  });
});

describe('what the target does wrong is a finding', () => {
  it.each([
    [
      'exits at once',
      node('agent', { ready: { path: '/', expect: {}, withinMs: 5_000 } }, `console.error('no way'); process.exit(7)`),
      /^It exited with code 7 before it was ready: tried /,
      'no way',
    ],
    [
      'is never ready',
      node('agent', { ready: { path: '/', expect: { status: 'fine' }, withinMs: 1_500 } }),
      /^It was not ready within 1500 ms: tried \d+ times in \d+ ms, last seen: GET \/ answered 200 .*status is "healthy", expected "fine"/,
      'listening on 0.0.0.0',
    ],
    [
      'names no program',
      node('agent', { containerCommand: ['serve-me'] }),
      /^Its command "serve-me" is not in its image\.$/,
      matching(/exec serve-me failed: No such file or directory$/),
    ],
    [
      'is killed for lack of memory at its start',
      node(
        'agent',
        { resources: { memoryBytes: 64 * 1024 * 1024, cpus: null } },
        `const all = []; for (;;) all.push(Buffer.alloc(8 << 20, 1))`,
      ),
      /^It was killed for lack of memory \(limit 64 MiB\) before it was ready: tried /,
      undefined,
    ],
  ])('a service that %s', async (_words, spec, reason, lastLine) => {
    const { environment } = await start(target(spec, node('after', { dependsOn: ['agent'] })));
    expect(environment.startFailures.get('agent')?.reason).toMatch(reason);
    expect(environment.startFailures.get('agent')?.logTail.at(-1)).toEqual(lastLine);
    expect(environment.startFailures.get('after')?.reason).toBe(
      'It was not started, because it depends on "agent", which did not get ready.',
    );
  });
});

describe('what is not the target’s fault is an error', () => {
  it('no engine', async () => {
    const error = await refusal(target(node('agent')), { env: { DOCKER_HOST: 'unix:///nowhere/docker.sock' } });
    expect({ message: error.message, exit: error.exitCode }).toEqual({
      message: 'No container engine answers at unix:///nowhere/docker.sock (ENOENT).',
      exit: 69,
    });
  });

  it('an image that is nowhere', async () => {
    const error = await refusal(target(node('agent', { image: 'muster/no-such-image:1' })));
    expect(error.message).toMatch(
      /^"agent" cannot be started: image muster\/no-such-image:1 is not on this host and cannot be pulled \(.+\)\.$/,
    );
    expect({ code: error.code, exit: error.exitCode, hint: error.hint }).toEqual({
      code: 'MUSTER_IMAGE_MISSING',
      exit: 69,
      hint: 'Make the images with `scripts/images build`, or name one that is here in services.agent.image.',
    });
  });

  it('services without an image, all at once', async () => {
    const error = await refusal(target(http('one', ''), http('two', '')));
    expect({ message: error.message, exit: error.exitCode }).toEqual({
      message: 'The provider containers cannot start "one", "two": the target file gives neither `image` nor `build`.',
      exit: 64,
    });
  });

  it('a port that cannot be told', async () => {
    const error = await refusal(target(node('one', { containerPort: null }), node('two', { containerPort: null })));
    expect(error.message).toMatch(/^It cannot be told which port these services listen on inside their containers: "one" \(.*\); "two" \(/);
    expect(error.exitCode).toBe(64);
  });

  it('a fixed port that is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanUp.push(() => Promise.resolve(server.close()));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    expect(await refusal(target(node('agent', { port })))).toBeInstanceOf(PortInUseError);
  });

  it('a store that gets too little memory', async () => {
    const error = await refusal(target({ ...postgres, resources: { memoryBytes: 8 * 1024 * 1024, cpus: null } }));
    expect(error.message).toMatch(
      /^"postgres" could not be started: It was killed for lack of memory \(limit 8 MiB\) before it was ready: /,
    );
    expect({ code: error.code, exit: error.exitCode }).toEqual({ code: 'MUSTER_STORE_START', exit: 69 });
  });

  it('limits the engine cannot give', async () => {
    const error = await refusal(target(node('agent', { resources: { memoryBytes: 1024, cpus: null } })));
    expect(error.message).toMatch(/^The engine refuses services\.agent\.resources: Minimum memory limit allowed is /);
    expect(error.exitCode).toBe(64);
  });
});

describe('builds', () => {
  async function context(dockerfile: string): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'muster-build-'));
    cleanUp.push(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, 'server.js'), SERVER);
    await writeFile(join(folder, 'Dockerfile'), dockerfile);
    return folder;
  }

  it('are made once for several services, and again only when something has changed', async () => {
    const { docker } = await engine();
    cleanUp.push(() => docker.getImage('muster/build-fixture-one').remove());
    const folder = await context(
      'FROM muster/node:20\nARG WORD\nENV WORD=$WORD\nCOPY server.js /srv/\nEXPOSE 8123\nCMD ["node", "/srv/server.js"]\n',
    );
    const build = { context: folder, dockerfile: 'Dockerfile', stage: null, args: { WORD: 'built' } };
    const plain = { image: null, build, containerCommand: null, containerPort: null };
    const spec = target(node('one', plain), node('two', plain));
    const first = await start(spec);
    const answer = (await (await fetch(service(first.environment, 'two').url)).json()) as { env: Record<string, string> };
    expect(answer.env).toMatchObject({ WORD: 'built', PORT: '8123' });
    expect(first.progress.filter((line) => line.includes(' : COPY server.js'))).toHaveLength(1);
    expect(first.environment.facts['two.image']).toBe(first.environment.facts['one.image']);
    const second = await start(spec);
    expect(second.progress).toContain('one: image muster/build-fixture-one is up to date');
    expect(await suitsContainers({ target: target(node('one', plain)), env: process.env })).toMatchObject({ suits: true });
  });

  it('that fail say what the builder said last', async () => {
    const folder = await context(
      `FROM muster/node:20\nRUN ["node", "-e", "for (let i = 1; i < 40; i++) console.log('line ' + i); process.exit(4)"]\n`,
    );
    const error = await refusal(
      target(node('agent', { image: null, build: { context: folder, dockerfile: 'Dockerfile', stage: null, args: {} } })),
    );
    const [message = '', ...lines] = error.message.split('\n');
    expect(message).toMatch(
      /^The image of "agent" could not be built from \/.*\/Dockerfile: The command .* returned a non-zero code: 4\.$/,
    );
    expect(lines).toHaveLength(20);
    expect(lines).toContain('  | line 39');
    expect({ code: error.code, exit: error.exitCode }).toEqual({ code: 'MUSTER_IMAGE_BUILD', exit: 69 });
  });

  it('without a Dockerfile say which file is missing', async () => {
    const folder = await context('');
    const build = { context: folder, dockerfile: 'Dockerfile.none', stage: null, args: {} };
    expect(await refusal(target(node('agent', { image: null, build })))).toMatchObject({
      message: `The image of "agent" cannot be built: there is no file ${folder}/Dockerfile.none.`,
      code: 'MUSTER_NO_DOCKERFILE',
      exitCode: 64,
      hint: 'Correct services.agent.build (context and dockerfile), or write the file.',
    });
  });
});

it('ends what it has started when the start is aborted', async () => {
  const stop = new AbortController();
  const reason = new Error('stopped');
  const started = start(
    target(postgres, redis, node('agent', { dependsOn: ['redis'], ready: { path: '/', expect: { never: 1 }, withinMs: 60_000 } })),
    {
      signal: stop.signal,
      onProgress: (text, name) => {
        if (name === 'redis' && text.startsWith('ready')) setTimeout(() => stop.abort(reason), 500);
      },
    },
  );
  await expect(started).rejects.toBe(reason);
});

it('auto takes it only where an engine answers that has every image', async () => {
  const env = { DOCKER_HOST: 'unix:///nowhere/docker.sock' };
  expect(await suitsContainers({ target: target(http('one', '')), env })).toEqual({
    suits: false,
    reason: 'no image or build is given for one',
  });
  expect(await suitsContainers({ target: target(node('one')), env })).toEqual({
    suits: false,
    reason: 'no engine answers at unix:///nowhere/docker.sock (ENOENT)',
  });
  expect(await suitsContainers({ target: target(redis, node('one', { image: 'muster/no-such:1' })), env: process.env })).toEqual({
    suits: false,
    reason: "these images are not on the engine's host, and auto neither builds nor pulls: muster/no-such:1",
  });
  expect(engineAt('unix:///a.sock').address).toBe('unix:///a.sock');
});
