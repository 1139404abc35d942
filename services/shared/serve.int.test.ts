import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { createApp } from './http-app.ts';
import { listen, type HttpServer, type ServeOptions } from './serve.ts';

const HOST = '127.0.0.1';
const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };
const REQUEST = 'GET /slow HTTP/1.1\r\nHost: x\r\n\r\n';

let server: HttpServer;
let asked = 0;
let answerAll: () => void = () => undefined;

async function start(options: ServeOptions = {}): Promise<Socket> {
  asked = 0;
  const answered = new Promise<void>((resolve) => {
    answerAll = resolve;
  });
  const app = createApp(SILENT);
  app.get('/slow', async (context) => {
    asked++;
    await answered;
    return context.text('done');
  });
  server = await listen(app, { host: HOST, port: 0 }, options);
  const socket = connect(server.port, HOST);
  await once(socket, 'connect');
  return socket;
}

afterEach(async () => {
  answerAll();
  await server.close(0);
});

it('answers requests that come one behind the other, in their order', async () => {
  const socket = await start();
  socket.write(REQUEST.repeat(100));
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  answerAll();
  await expect.poll(() => text.split('200 OK').length - 1).toBe(100);
  socket.destroy();
});

it('ends a connection that asks more and more and waits for no answer', async () => {
  const socket = await start();
  socket.on('error', () => undefined);
  socket.resume().write(REQUEST.repeat(1000));
  await once(socket, 'close');
  expect(asked).toBe(100);
});

it('ends a connection on which nothing moves while an answer is owed', async () => {
  const socket = await start({ silenceTimeoutMs: 100 });
  socket.resume().write(REQUEST);
  await once(socket, 'close');
  expect(asked).toBe(1);
});
