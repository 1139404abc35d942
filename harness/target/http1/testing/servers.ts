import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { MusterError } from '../../../model/errors.ts';
import { headerBlock } from '../header-block.ts';
import type { LoadAnswer, LoadHttp, LoadRequest } from '../types.ts';

export interface RawServer extends AsyncDisposable {
  readonly url: string;
  /** Connections taken so far. */
  connections(): number;
}

/** A server that does with each connection what it likes; `nth` counts from 1. */
export async function rawServer(serve: (socket: Socket, nth: number) => void): Promise<RawServer> {
  let count = 0;
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
    count += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    serve(socket, count);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => count,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

export function requestOf(line: string, body: LoadRequest['body'] = null, headers: Readonly<Record<string, string>> = {}): LoadRequest {
  const [method = '', path = ''] = line.split(' ');
  return { method, path, headers: headerBlock(headers), body };
}

/** One request as a promise, for tests only; rejects with what the client calls a fault of ours. */
export function ask(http: LoadHttp, request: LoadRequest): Promise<LoadAnswer> {
  return new Promise((answered, crashed: (error: MusterError) => void) => {
    http.send(request, { answered, crashed });
  });
}
