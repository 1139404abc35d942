import { Agent, request } from 'node:http';
import { ServiceError } from './service-error.ts';

const MAX_ANSWER_BYTES = 1024 * 1024;

export interface JsonCall {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: unknown;
  readonly timeoutMs: number;
}

export interface JsonAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface JsonClient {
  /** @throws ServiceError timeout (no whole answer in time) or dependency_unavailable (no answer, or one that is not JSON). */
  call(call: JsonCall): Promise<JsonAnswer>;
  close(): void;
}

export type MakeJsonClient = (name: string, baseUrl: string, maxSockets: number) => JsonClient;

/** Calls one service over at most `maxSockets` kept connections. Retries nothing: only the caller knows what is safe to repeat. */
export const createJsonClient: MakeJsonClient = (name, baseUrl, maxSockets) => {
  // Closes idle connections well before the server's own limit does.
  const agent = new Agent({ keepAlive: true, maxSockets, timeout: 30_000 });
  return {
    call: async (call) => {
      const signal = AbortSignal.timeout(call.timeoutMs);
      try {
        const { status, text } = await exchange(new URL(call.path, baseUrl), call, { agent, signal });
        return { status, body: text === '' ? null : (JSON.parse(text) as unknown) };
      } catch (cause) {
        if (signal.aborted) throw new ServiceError('timeout', `${name} did not answer within ${call.timeoutMs} ms`, { cause });
        throw new ServiceError('dependency_unavailable', `${name} could not be reached${reasonOf(cause)}`, { cause, retryAfterMs: 1000 });
      }
    },
    close: () => agent.destroy(),
  };
};

/** The system's code (ECONNREFUSED …) says what to do about it; its message has addresses in it. */
function reasonOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? ` (${cause.code})` : '';
}

interface Via {
  readonly agent: Agent;
  readonly signal: AbortSignal;
}

function exchange(url: URL, call: JsonCall, via: Via): Promise<{ readonly status: number; readonly text: string }> {
  const body = call.body === undefined ? undefined : JSON.stringify(call.body);
  const headers = body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method: call.method, headers, agent: via.agent, signal: via.signal }, (incoming) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      incoming.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        chunks.push(chunk);
        if (bytes > MAX_ANSWER_BYTES) incoming.destroy(new Error(`the answer is larger than ${MAX_ANSWER_BYTES} bytes`));
      });
      incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }));
      incoming.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
