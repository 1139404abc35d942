import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LogFile } from '../log-file.ts';
import type { ContainerPlan } from './container-plan.ts';
import { ContainerUnit } from './container-unit.ts';
import type { EngineWatch } from './engine-watch.ts';

const refusal = (status: number, text: string): Error => Object.assign(new Error(text), { statusCode: status });

/** One container of an engine that answers as it is told to. */
class OneContainer {
  readonly id = 'abc';
  readonly followed: Readable[] = [];
  removal: () => Promise<void> = () => Promise.resolve();
  remove = (): Promise<void> => this.removal();
  start = (): Promise<void> => Promise.reject(refusal(304, 'container already started'));
  inspect = (): Promise<unknown> =>
    Promise.resolve({ Id: 'abc', State: { Running: true, Pid: 0, StartedAt: '' }, Config: { Tty: true }, HostConfig: {} });
  logs = (): Promise<Readable> => {
    this.followed.push(new Readable({ read: () => undefined }));
    return Promise.resolve(this.followed.at(-1) ?? Readable.from([]));
  };
}

let folder = '';
let container: OneContainer;
let released: number;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-unit-'));
  container = new OneContainer();
  released = 0;
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

function unit(ready: () => boolean): ContainerUnit {
  const plan: ContainerPlan = {
    name: 'web',
    kind: 'http',
    url: 'http://127.0.0.1:1',
    adminUrl: null,
    port: 1,
    secrets: [],
    stopMs: 10,
    withinMs: 50,
    probe: () => Promise.resolve({ ready: ready(), seen: 'what was seen' }),
    obtain: (_signal, created) => Promise.resolve(created('abc')),
    inspect: () => Promise.resolve({ version: null, identity: {} }),
    release: () => Promise.resolve(void (released += 1)),
  };
  const engine = { address: 'unix:///engine.sock', docker: { getContainer: () => container } };
  const watch = { engine, lost: false, onContainer: () => undefined } as unknown as EngineWatch;
  const log = new LogFile(join(folder, 'web.log'), []);
  return new ContainerUnit(plan, { watch, log, onExit: () => undefined, closing: new AbortController().signal });
}

const signal = new AbortController().signal;

describe('a container that resists being removed', () => {
  it.each([
    ['because the engine refuses', () => Promise.reject(refusal(500, 'driver failed to remove root filesystem: device or resource busy'))],
    ['because the engine hangs', () => new Promise<void>(() => undefined)],
  ])('%s is left to those who remove by label', async (_why, removal) => {
    const web = unit(() => true);
    expect(await web.launch(signal)).toBeNull();
    container.removal = removal;
    await web.discard();
    expect([released, container.followed.map(({ destroyed }) => destroyed)]).toEqual([1, [true]]);
  });
});

it('is waited for again when it runs, but was not ready in time before', async () => {
  let ready = true;
  const web = unit(() => ready);
  expect(await web.launch(signal)).toBeNull();
  await web.discard();
  ready = false;
  await expect(web.start()).rejects.toThrow('"web" could not be started again: It was not ready within 50 ms');
  ready = true;
  expect((await web.start()).proof).toContain('is ready at');
  expect(container.followed.filter(({ destroyed }) => !destroyed)).toHaveLength(1);
  await web.discard();
});
