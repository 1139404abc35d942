import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

export interface NullServer extends AsyncDisposable {
  readonly origin: string;
}

/**
 * A server that answers every HTTP/1.1 request with 200 and two bytes at once, on a loopback port in a thread of its own: what a latency
 * measured against it has left is the generator's and the machine's. Close it by disposal; it never keeps a process alive.
 */
export async function startNullServer(): Promise<NullServer> {
  const thread = new Worker(`(${serve.toString()})()`, { eval: true });
  const [port] = (await once(thread, 'message')) as [number];
  thread.unref();
  return {
    origin: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      await thread.terminate();
    },
  };
}

/**
 * The thread's program, sent over as text so that it is the same from sources and from the build: it can use nothing from outside of it.
 * For requests whose head comes in one piece, as they do on loopback.
 */
function serve(): void {
  const { createServer } = process.getBuiltinModule('node:net');
  const { parentPort } = process.getBuiltinModule('node:worker_threads');
  const answer = 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nok';
  const server = createServer({ noDelay: true }, (socket) => {
    socket.setEncoding('latin1');
    socket.on('data', (chunk) => {
      const requests = String(chunk).split('\r\n\r\n').length - 1;
      if (requests > 0) socket.write(answer.repeat(requests));
    });
    socket.on('error', () => socket.destroy());
  });
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    parentPort?.postMessage(typeof address === 'object' ? address?.port : null, []);
  });
}
