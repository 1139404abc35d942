import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { engineAt } from './engine.ts';
import { type ContainerEvent, EngineWatch } from './engine-watch.ts';

/** Speaks as much of the engine's language as a watch needs. */
class TinyEngine {
  readonly socket: string;
  readonly asked: URL[] = [];
  /** So many pings are cut off, then answered. */
  cuts = 0;
  pings = 0;
  #streams: ServerResponse[] = [];
  #server: Server | null = null;

  constructor(socket: string) {
    this.socket = socket;
  }

  async open(): Promise<void> {
    this.#server = createServer((request, response) => {
      const url = new URL(request.url ?? '/', 'http://engine');
      if (url.pathname !== '/events') {
        this.pings += 1;
        if (this.pings <= this.cuts) request.socket.destroy();
        else response.end('OK');
        return;
      }
      this.asked.push(url);
      this.#streams.push(response);
      response.flushHeaders();
    });
    this.#server.listen(this.socket);
    await once(this.#server, 'listening');
  }

  say(text: string): void {
    for (const stream of this.#streams) stream.write(text);
  }

  drop(): void {
    for (const stream of this.#streams.splice(0)) stream.destroy();
  }

  close(): void {
    this.#server?.close();
    this.#server?.closeAllConnections();
  }
}

function event(action: string, id: string, time: number): string {
  return `${JSON.stringify({ Type: 'container', Action: action, Actor: { ID: id }, time })}\n`;
}

let folder = '';
let engine: TinyEngine;
let watch: EngineWatch | null = null;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'engine-'));
  engine = new TinyEngine(join(folder, 'e.sock'));
  await engine.open();
});
afterEach(async () => {
  watch?.close();
  engine.close();
  await rm(folder, { recursive: true, force: true });
});

async function open(onLost: (reason: string) => void = () => undefined): Promise<EngineWatch> {
  watch = await EngineWatch.open(engineAt(`unix://${engine.socket}`), 'run-1', onLost);
  return watch;
}

it('tells each container of its own events, over one stream of the run', async () => {
  const heard: ContainerEvent[] = [];
  (await open()).onContainer('a', (heardEvent) => heard.push(heardEvent));
  engine.say(event('die', 'b', 1));
  engine.say(event('start', 'a', 2) + event('die', 'a', 3).slice(0, 20));
  engine.say(event('die', 'a', 3).slice(20));
  await expect.poll(() => heard.map(({ action }) => action)).toEqual(['start', 'die']);
  expect(engine.asked.map((url) => url.searchParams.get('filters'))).toEqual([
    '{"type":["container"],"label":["muster.run=run-1"],"event":["start","die","oom"]}',
  ]);
});

it('listens again where it was cut off, and misses nothing', async () => {
  const lost: string[] = [];
  const heard: string[] = [];
  (await open((reason) => lost.push(reason))).onContainer('a', ({ action }) => heard.push(action));
  engine.say(event('start', 'a', 1_800_000_000));
  await expect.poll(() => heard).toEqual(['start']);
  engine.drop();
  await expect.poll(() => engine.asked.length).toBe(2);
  expect(engine.asked[1]?.searchParams.get('since')).toBe('1800000000');
  engine.say(event('die', 'a', 1_800_000_001));
  await expect.poll(() => heard).toEqual(['start', 'missed', 'die']);
  expect(lost).toEqual([]);
});

it('says after two seconds that the engine is gone', async () => {
  const lost = new Promise<string>((resolve) => void open(resolve).then(() => engine.close()));
  expect(await lost).toMatch(new RegExp(`^the container engine at unix://${engine.socket} stopped answering \\((ENOENT|ECONNREFUSED)\\)$`));
  expect(watch?.lost).toBe(true);
});

it('counts an engine that was restarted as gone: it has ended the containers', async () => {
  const lost = new Promise<string>((resolve) => {
    void open(resolve).then(async () => {
      engine.close();
      await new Promise((go) => setTimeout(go, 300));
      engine = new TinyEngine(join(folder, 'e.sock'));
      await engine.open();
    });
  });
  expect(await lost).toMatch(/ was restarted$/);
});

it('does not take one connection that was cut off for a restart', async () => {
  const lost: string[] = [];
  engine.cuts = 1;
  await open((reason) => lost.push(reason));
  await expect.poll(() => engine.pings, { timeout: 10_000 }).toBeGreaterThan(2);
  expect(lost).toEqual([]);
});

it('has the state of containers looked at when events may have been missed', async () => {
  const heard: string[] = [];
  (await open()).onContainer('a', ({ action }) => heard.push(action));
  engine.drop();
  await expect.poll(() => heard).toEqual(['missed']);
});

it('says nothing once it is closed', async () => {
  const lost: string[] = [];
  const opened = await open((reason) => lost.push(reason));
  opened.close();
  engine.close();
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect({ lost, flag: opened.lost }).toEqual({ lost: [], flag: false });
});

it('does not open on an engine that does not answer', async () => {
  engine.close();
  await expect(open()).rejects.toMatchObject({ code: 'MUSTER_ENGINE_LOST', exitCode: 69 });
});
