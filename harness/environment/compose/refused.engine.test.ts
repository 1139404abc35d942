import { existsSync, mkdtempSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Target } from '../../model/target.ts';
import { redis } from '../fixtures/target.ts';
import type { StartOptions } from '../provider.ts';
import { findRunProcesses } from '../run-processes.ts';
import { endAll, fixture, lastRun, on, onEngine, SHOP, start, web } from './fixtures/stack.ts';

const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);

const folders: string[] = [];
afterEach(async () => {
  await endAll();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

describe('an environment that does not start', () => {
  function scratch(): string {
    const folder = mkdtempSync(join(tmpdir(), 'muster-compose-'));
    folders.push(folder);
    return folder;
  }

  function file(text: string): string {
    const folder = scratch();
    writeFileSync(join(folder, 'compose.yml'), text);
    return join(folder, 'compose.yml');
  }

  async function failure(spec: Target, more: Partial<StartOptions> = {}): Promise<unknown> {
    const error: unknown = await start(spec, more).then(
      () => null,
      (reason: unknown) => reason,
    );
    const { runId, runDir, ledger } = lastRun();
    expect(await onEngine(runId)).toEqual([]);
    expect(findRunProcesses({ runId, entries: ledger.entries() })).toEqual([]);
    expect(existsSync(runDir)).toBe(false);
    return error;
  }

  it('because a store ends', async () => {
    const text = `services: { cache: { image: 'muster/redis:8', command: [redis-server, --nonsense] } }`;
    expect(await failure(on(file(text), { ...redis, name: 'cache' }))).toMatchObject({
      code: 'MUSTER_STORE_START',
      exitCode: 69,
      message: matching(/^"cache" could not be started: It exited with code 1 before it was ready[^]*nonsense/),
    });
  });

  it('because an image is not there', async () => {
    const text = `services: { web: { image: 'muster/no-such-image:1', expose: ['80'] } }`;
    expect(await failure(on(file(text), web('web')))).toMatchObject({
      code: 'MUSTER_IMAGE_MISSING',
      exitCode: 69,
      message: matching(/^Compose cannot start "web": image muster\/no-such-image:1 is not on this host and cannot be pulled \(.+\)\.$/),
    });
  });

  it('because a build fails', async () => {
    expect(await failure(on(fixture('built.yml'), web('web')), { env: { ...process.env, EXIT: '9' } })).toMatchObject({
      code: 'MUSTER_IMAGE_BUILD',
      exitCode: 69,
      message: matching(/^Compose could not build the images of "web": .*exit code: 9\.[^]*building/),
    });
  });

  it.each([
    ['services: [', /^The compose file \S+ is not valid: yaml: .+\.$/],
    [`services: { web: { imag: x } }`, /^The compose file \S+ is not valid: .*Additional property imag is not allowed\.$/],
  ])('because %s is no compose file', async (text, message) => {
    expect(await failure(on(file(text), web('web')))).toMatchObject({
      code: 'MUSTER_COMPOSE_FILE',
      exitCode: 64,
      message: matching(message),
    });
  });

  it('because the file is not there', async () => {
    expect(await failure(on('/no/such/compose.yml', web('web')))).toMatchObject({
      exitCode: 64,
      message: 'The compose file /no/such/compose.yml of the target "fixture" does not exist.',
    });
  });

  it('because the target does not fit the file', async () => {
    const text = `
services:
  web: { image: x, ports: ['80', '81'], volumes: ['data:/data'] }
  debug: { image: x, expose: ['80'], profiles: [debug] }
volumes: { data: { external: true } }
`;
    expect(await failure(on(file(text), web('web'), web('wep'), web('debug')))).toMatchObject({
      code: 'MUSTER_COMPOSE_TARGET',
      exitCode: 64,
      message: [
        'The target does not fit its compose file:',
        '  - the service "web" names the ports 80, 81: write services.web.containerPort in the target file',
        '  - "wep" is not a service of the compose file; did you mean "web"? (it has web)',
        '  - "debug" belongs to the profile "debug", which compose.profiles does not name',
        '  - the volume "data" is external ("data"): a run would write to data that is not its own',
      ].join('\n'),
    });
  });

  it.each([
    ['before anything is made', /^The network/],
    ['while services start', /^ready after/],
  ])('because the run is stopped %s', async (_when, said) => {
    const abort = new AbortController();
    const onProgress = (text: string): void => {
      if (said.test(text)) abort.abort(new Error('stopped by the user'));
    };
    expect(await failure(SHOP, { signal: abort.signal, onProgress })).toMatchObject({ message: 'stopped by the user' });
  });

  it('because the run is stopped while the project is made', async () => {
    const folder = scratch();
    // Takes its time before it makes anything, and says when it is asked to.
    const slow = `#!/bin/sh\ncase "$*" in *--no-start*) : >"${folder}/asked"; sleep 5 ;; esac\nPATH="${process.env['PATH'] ?? ''}" exec docker "$@"\n`;
    writeFileSync(join(folder, 'docker'), slow, { mode: 0o755 });
    const abort = new AbortController();
    const watcher = watch(folder, () => {
      abort.abort(new Error('stopped by the user'));
    });
    const env = { ...process.env, PATH: `${folder}:${process.env['PATH'] ?? ''}` };
    expect(await failure(SHOP, { signal: abort.signal, env })).toMatchObject({ message: 'stopped by the user' });
    watcher.close();
  });

  it('because no engine answers', async () => {
    const env = { ...process.env, DOCKER_HOST: 'unix:///no/such/docker.sock' };
    expect(await failure(SHOP, { env })).toMatchObject({
      code: 'MUSTER_ENGINE_ABSENT',
      message: 'No container engine answers at unix:///no/such/docker.sock (ENOENT).',
    });
  });
});
