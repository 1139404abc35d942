import { appendFile, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StartedEnvironment } from '../environment/index.ts';
import type { FaultProof, RunningService, ServiceExit } from '../model/environment.ts';
import { MusterError } from '../model/errors.ts';
import { joinStack, type JoinedEnvironment } from './environment-client.ts';
import { serveEnvironment } from './environment-server.ts';
import { linkToStack } from './stack-link.ts';

/** One service that is a switch: up or down, and it may refuse to come up again. */
class Switch implements StartedEnvironment {
  readonly provider = 'local';
  readonly reason = 'one switch';
  readonly facts = { 'web.version': '1' };
  readonly cannot = {};
  readonly stillCarried = async (): Promise<boolean> => true;
  readonly startFailures = new Map();
  readonly listeners: ((exit: ServiceExit) => void)[] = [];
  stuck = false;
  #running = true;
  #restarts = 2;

  get services(): ReadonlyMap<string, RunningService> {
    return new Map([['web', this.#web()]]);
  }

  get running(): boolean {
    return this.#running;
  }

  async stop(): Promise<FaultProof> {
    this.#running = false;
    return { atMonotonicMs: 1, proof: 'refused' };
  }

  async start(): Promise<FaultProof> {
    if (this.stuck) throw new MusterError('It stays away.', { code: 'MUSTER_RESTART', blame: 'environment', hint: 'Look.' });
    if (!this.#running) this.#restarts += 1;
    this.#running = true;
    return { atMonotonicMs: 2, proof: 'ready' };
  }

  crash(): void {
    this.#running = false;
    for (const listener of this.listeners) listener({ service: 'web', pid: 7, code: 3, signal: null, logTail: ['out of luck'] });
  }

  onUnexpectedExit(listener: (exit: ServiceExit) => void): void {
    this.listeners.push(listener);
  }
  async logTail(): Promise<readonly string[]> {
    return ['everything'];
  }
  async addressProof() {
    return { ok: true, seen: 'it' };
  }
  async reading() {
    return null;
  }
  async audit(): Promise<readonly string[]> {
    return [];
  }
  async [Symbol.asyncDispose](): Promise<void> {}

  #web(): RunningService {
    const [url, restarts] = ['http://127.0.0.1:1', this.#restarts];
    const running = this.#running;
    const pid = running ? 100 + restarts : null;
    return {
      name: 'web',
      kind: 'http',
      url,
      adminUrl: url,
      port: 1,
      version: null,
      readyMs: 40,
      running,
      pid,
      container: null,
      restarts,
      identity: {},
    };
  }
}

let folder = '';
let socketPath = '';
let stack: Switch;
let server: AsyncDisposable;
const problems: string[] = [];
const lost: string[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-stack-'));
  socketPath = join(folder, 's');
  stack = new Switch();
  problems.length = 0;
  lost.length = 0;
  await writeFile(join(folder, 'web.log'), 'before\n');
  server = await serveEnvironment({
    socketPath,
    environment: stack,
    facts: { runId: 'up-1', pid: 1, startedAt: 'then', target: 't', digest: {}, choice: { name: 'local', reason: 'asked for' } },
    logPath: (service) => join(folder, `${service}.log`),
    secrets: ['hush-hush'],
    shown: (address) => address.replace('127.0.0.1', 'shown'),
    onProblem: (text) => problems.push(text),
  });
});

afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

function enter(runId = 'run-1'): Promise<JoinedEnvironment> {
  return joinStack({ socketPath, runId, onLost: (reason) => lost.push(reason) });
}

describe('a stack that another process holds', () => {
  it('may be opened by this user only', async () => {
    expect((await stat(socketPath)).mode & 0o777).toBe(0o600);
  });

  it('is seen as an environment whose restarts and start times begin with the run', async () => {
    const joined = await enter();
    expect(joined).toMatchObject({ provider: 'local', reason: 'one switch', facts: { 'web.version': '1' } });
    expect(joined.services.get('web')).toMatchObject({ running: true, restarts: 0, readyMs: null, pid: 102 });

    expect(await joined.stop('web', 'kill')).toEqual({ atMonotonicMs: 1, proof: 'refused' });
    expect(joined.services.get('web')).toMatchObject({ running: false, pid: null });
    await joined.start('web');
    expect(joined.services.get('web')).toMatchObject({ running: true, restarts: 1, readyMs: 40, pid: 103 });
    await joined[Symbol.asyncDispose]();
  });

  it('tells a run of exits while it works, and only of the log lines written since it came', async () => {
    const joined = await enter();
    await appendFile(join(folder, 'web.log'), 'during, key hush-hush\nlast words');
    expect(await joined.logTail('web', 10)).toEqual(['during, key [redacted]', 'last words']);

    const heard = new Promise<ServiceExit>((resolve) => joined.onUnexpectedExit(resolve));
    stack.crash();
    expect(await heard).toMatchObject({ service: 'web', code: 3 });
    expect(joined.services.get('web')).toMatchObject({ running: false });
    await joined[Symbol.asyncDispose]();
  });

  it('says why a service is down to whoever comes later', async () => {
    stack.crash();
    using link = await linkToStack(socketPath);
    const { down, guest } = await link.stack.describe();

    expect(await link.stack.logTail('web', 1)).toEqual(['everything']);
    expect({ down, guest }).toEqual({ down: { web: 'web (pid 7) exited with code 3; last line of its log: out of luck' }, guest: null });
  });

  it('tells addresses as they are only to the run that works with it', async () => {
    using link = await linkToStack(socketPath);
    const told = (await link.stack.describe()).services.map(({ url, adminUrl }) => [url, adminUrl]);
    const joined = (await link.stack.join({ runId: 'run-1', pid: 1 })).services.map(({ url }) => url);

    expect({ told, joined }).toEqual({ told: [['http://shown:1', 'http://shown:1']], joined: ['http://127.0.0.1:1'] });
  });

  it('keeps an error of ours what it is', async () => {
    const joined = await enter();
    await joined.stop('web', 'stop');
    stack.stuck = true;

    await expect(joined.start('web')).rejects.toMatchObject({ code: 'MUSTER_RESTART', hint: 'Look.', exitCode: 69 });
    await joined[Symbol.asyncDispose]();
    expect(await joined.audit()).toEqual(['"web" was stopped by this run and could not be started again: It stays away.']);
  });
});

describe('the run that works with a stack', () => {
  it('is the only one: another is refused until it has left', async () => {
    const first = await enter('run-1');
    await expect(enter('run-2')).rejects.toMatchObject({
      code: 'MUSTER_STACK_IN_USE',
      exitCode: 64,
      message: expect.stringContaining('run-1') as unknown,
    });
    await first[Symbol.asyncDispose]();

    await (await enter('run-2'))[Symbol.asyncDispose]();
  });

  it('leaves it as it was found', async () => {
    const joined = await enter();
    await joined.stop('web', 'kill');
    await joined[Symbol.asyncDispose]();

    expect(stack.running).toBe(true);
    expect(await joined.audit()).toEqual([]);
    expect(lost).toEqual([]);
  });

  it('may vanish: what it stopped is started again before the next one comes', async () => {
    const link = await linkToStack(socketPath);
    await link.stack.join({ runId: 'run-1', pid: 1 });
    await link.stack.stop('web', 'kill');
    link[Symbol.dispose](); // as the kernel does for a process that was killed

    const next = await enter('run-2');
    expect(next.services.get('web')).toMatchObject({ running: true });
    expect(problems).toEqual([]);
    await next[Symbol.asyncDispose]();
  });

  it('hears when the stack is gone, and nothing fails after that', async () => {
    const joined = await enter();
    await joined.stop('web', 'kill');
    await server[Symbol.asyncDispose]();
    await expect.poll(() => lost.length).toBe(1);

    expect(lost).toEqual(['the stack of `muster up` is gone: process 1, which held it, ended the connection']);
    expect(await joined.logTail('web', 1)).toEqual([]);
    await joined[Symbol.asyncDispose]();
    expect(await joined.audit()).toEqual([]);
  });

  it('cannot come when nobody holds a stack', async () => {
    await expect(joinStack({ socketPath: join(folder, 'none'), runId: 'run-1', onLost: () => undefined })).rejects.toMatchObject({
      code: 'MUSTER_NO_STACK',
      exitCode: 64,
    });
  });
});
