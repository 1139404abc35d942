import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Stands for a worker or the model, and counts what it is asked. */
export interface FakeWorker {
  readonly url: string;
  /** How often it was asked for work; asking for its health does not count. */
  calls(): number;
  /** Answers nothing until released. */
  hold(): void;
  release(): void;
  /** Calls that it holds. */
  waiting(): number;
  answerOne(): void;
  /** Answers every call with this status and an error, until set to 200 again. */
  answerWith(status: number): void;
  stop(): Promise<void>;
}

const ANSWER = {
  status: 'completed',
  result: { text: 'fake' },
  text: 'fake',
  confidence: 1,
  error: null,
  tokens_used: 2,
  usage: { prompt_tokens: 1, completion_tokens: 1 },
};

export async function startFakeWorker(): Promise<FakeWorker> {
  const waiting: (() => void)[] = [];
  const now = { holding: false, status: 200, calls: 0 };
  const answer = (response: ServerResponse): void => {
    const error = { error: { code: 'internal', message: 'told to fail' } };
    response.writeHead(now.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(now.status === 200 ? ANSWER : error));
  };
  const server = createServer((incoming: IncomingMessage, response) => {
    incoming.resume();
    if (incoming.method === 'GET') {
      response.end('{"status":"healthy"}');
      return;
    }
    now.calls++;
    if (now.holding) waiting.push(() => answer(response));
    else answer(response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: () => now.calls,
    hold: () => {
      now.holding = true;
    },
    release: () => {
      now.holding = false;
      for (const reply of waiting.splice(0)) reply();
    },
    waiting: () => waiting.length,
    answerOne: () => waiting.shift()?.(),
    answerWith: (status) => {
      now.status = status;
    },
    stop: () => stop(server),
  };
}

async function stop(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
