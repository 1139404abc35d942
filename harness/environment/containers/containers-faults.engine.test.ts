import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { suitsContainers } from '../containers.ts';
import { PortInUseError } from '../errors.ts';
import { http, postgres, redis, target } from '../fixtures/target.ts';
import { engineAt } from './engine.ts';
import { cleanUp, endAll, engine, node, refusal, SERVER, service, start } from './testing/engine-run.ts';

const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);

afterEach(endAll);

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
      node('agent', { ready: { path: '/', expect: { status: 'fine' }, withinMs: 4_000 } }),
      /^It was not ready within 4000 ms: tried \d+ times in \d+ ms, last seen: GET \/ answered 200 .*status is "healthy", expected "fine"/,
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
