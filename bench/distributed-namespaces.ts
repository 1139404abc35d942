import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, Server as HttpServer } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Server } from 'node:net';
import { promisify } from 'node:util';
import { scratchStore } from '../harness/environment/testing/scratch-stores.ts';
import { messageOf } from '../harness/model/errors.ts';
import type { LoadWorkers } from '../harness/workers/index.ts';
import { endWorkers, join, startWorkers } from './distributed-queue.ts';

const run = promisify(execFile);
const BRIDGE = 'muster-bench';
const HOST = '10.213.77.1';

/** What was opened, closed in reverse order. */
class Closers {
  readonly #closers: (() => unknown)[] = [];

  defer(close: () => unknown): void {
    this.#closers.push(close);
  }

  use<T extends AsyncDisposable>(opened: T): T {
    this.defer(() => opened[Symbol.asyncDispose]());
    return opened;
  }

  async close(): Promise<void> {
    for (const close of this.#closers.splice(0).toReversed()) await close();
  }
}

type Stand =
  | (AsyncDisposable & { readonly reason: string })
  | (AsyncDisposable & { readonly reason: null; readonly host: string; readonly origin: string; readonly workers: LoadWorkers });

/** Load workers with addresses of their own, as on other machines: network namespaces behind a bridge. Needs root and iproute2. */
export async function inNamespaces(count: number): Promise<Stand> {
  const stack = new Closers();
  try {
    const places = await makeNetwork(stack, count);
    const store = stack.use(await scratchStore('redis'));
    const door = await forward(stack, new URL(store.url));
    const redisUrl = Object.assign(new URL(store.url), { host: `${HOST}:${door}` }).toString();
    const server = createServer((_, response) => response.end('ok'));
    const port = await listenOn(stack, server);
    const children = await startWorkers(places.map((name) => ({ prefix: ['ip', 'netns', 'exec', name], redisUrl })));
    stack.defer(() => endWorkers(children));
    const workers = stack.use(await join(store.url));
    return { reason: null, host: HOST, origin: `http://${HOST}:${port}`, workers, [Symbol.asyncDispose]: () => stack.close() };
  } catch (error) {
    await stack.close();
    return { reason: `no network namespaces here (${messageOf(error).split('\n')[0] ?? ''})`, async [Symbol.asyncDispose]() {} };
  }
}

async function makeNetwork(stack: Closers, count: number): Promise<readonly string[]> {
  await ip('link', 'add', BRIDGE, 'type', 'bridge');
  stack.defer(() => ip('link', 'del', BRIDGE));
  await ip('addr', 'add', `${HOST}/24`, 'dev', BRIDGE);
  await ip('link', 'set', BRIDGE, 'up');
  const names: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const name = `${BRIDGE}-${index}`;
    const inner = `mbi${index}`;
    const outer = `mbo${index}`;
    await ip('netns', 'add', name);
    stack.defer(() => ip('netns', 'del', name));
    await ip('link', 'add', outer, 'type', 'veth', 'peer', 'name', inner, 'netns', name);
    await ip('link', 'set', outer, 'master', BRIDGE, 'up');
    await ip('-n', name, 'addr', 'add', `10.213.77.${index + 2}/24`, 'dev', inner);
    await ip('-n', name, 'link', 'set', inner, 'up');
    names.push(name);
  }
  return names;
}

async function ip(...args: string[]): Promise<void> {
  await run('ip', args);
}

/** A door on the bridge to a store that listens on loopback only. */
async function forward(stack: Closers, { port }: URL): Promise<number> {
  const server = createTcpServer((socket) => {
    const inner = connect(Number(port), '127.0.0.1');
    for (const side of [socket, inner]) side.setNoDelay(true).on('error', () => side.destroy());
    socket.pipe(inner).pipe(socket);
    socket.on('close', () => inner.destroy());
    inner.on('close', () => socket.destroy());
  });
  return listenOn(stack, server);
}

async function listenOn(stack: Closers, server: Server): Promise<number> {
  server.listen(0, HOST);
  await once(server, 'listening');
  stack.defer(() => {
    server.close();
    if (server instanceof HttpServer) server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}
