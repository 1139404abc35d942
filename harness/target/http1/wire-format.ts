import type { Socket } from 'node:net';
import { isAscii, requireSendable, type HeaderBlock } from './header-block.ts';
import type { LoadRequest } from './types.ts';

const BODYLESS = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE']);
/** A head and a body that are smaller together go out in one write. */
const ONE_WRITE_BYTES = 64 * 1024;

/** Writes requests for one origin. Heads of requests that repeat are kept. */
export class WireFormat {
  readonly #host: string;
  #last: { readonly method: string; readonly path: string; readonly headers: HeaderBlock; readonly text: string } | null = null;

  constructor(host: string) {
    this.#host = host;
  }

  /** Everything but content length and the empty line. @throws MusterError MUSTER_INVALID_REQUEST */
  check(request: LoadRequest): void {
    this.#head(request);
  }

  write(socket: Socket, request: LoadRequest): void {
    const { body } = request;
    const head = this.#head(request);
    if (body === null) {
      const end = BODYLESS.has(request.method) ? '\r\n' : 'content-length: 0\r\n\r\n';
      socket.write(head + end, 'latin1');
    } else if (typeof body === 'string' && isAscii(head)) {
      socket.write(`${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`, 'utf8');
    } else {
      writeBytes(socket, head, typeof body === 'string' ? Buffer.from(body) : body);
    }
  }

  #head({ method, path, headers }: LoadRequest): string {
    const last = this.#last;
    if (last !== null && last.path === path && last.headers === headers && last.method === method) return last.text;
    requireSendable(method, path);
    const text = `${method} ${path} HTTP/1.1\r\nhost: ${this.#host}\r\n${headers.text}`;
    this.#last = { method, path, headers, text };
    return text;
  }
}

function writeBytes(socket: Socket, head: string, body: Buffer): void {
  const start = Buffer.from(`${head}content-length: ${body.length}\r\n\r\n`, 'latin1');
  if (start.length + body.length <= ONE_WRITE_BYTES) {
    socket.write(Buffer.concat([start, body]));
    return;
  }
  socket.cork();
  socket.write(start);
  socket.write(body);
  socket.uncork();
}
