import type { Socket } from 'node:net';
import { createLoadHttp, type LoadHttp } from '../index.ts';
import { requestOf } from './servers.ts';

const open: AsyncDisposable[] = [];

/** Ends what the test has started, the newest first. */
export async function endKept(): Promise<void> {
  for (const one of open.splice(0).toReversed()) await one[Symbol.asyncDispose]();
}

export function kept<T extends AsyncDisposable>(one: T): T {
  open.push(one);
  return one;
}

export function clientOf({ url }: { readonly url: string }, connections = 4): LoadHttp {
  return kept(createLoadHttp({ url, connections }));
}

export const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
export const GET = requestOf('GET /');

/** Answers each request of a connection, whose heads come whole, with the next of the texts, and then hangs up. */
export function script(socket: Socket, answers: readonly string[]): void {
  let next = 0;
  socket.on('data', () => {
    const answer = answers[next];
    next += 1;
    if (answer !== undefined) socket.write(answer, 'latin1');
    if (next >= answers.length) socket.end();
  });
}
