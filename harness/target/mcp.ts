import { monotonicMs } from '../model/clock.ts';
import type { JsonTemplate, McpBinding } from '../model/target.ts';
import { fillJson, type Variables } from '../model/template.ts';
import { contains } from './execute.ts';
import { extract, holdsIn } from './extract.ts';
import type { Frame, NextFrame, NextOptions } from './frames.ts';
import { type CloseInfo, openSocket, type Opened, type Socket, type SocketOptions } from './socket.ts';

export interface McpCallOptions {
  /** Id of the request; by default 1, 2, 3 … of this session. */
  readonly id?: string | number;
  readonly timeoutMs?: number;
}

/** The answer to one request, matched by its id. */
export interface McpReply {
  /** A result came, not an error. */
  readonly ok: boolean;
  readonly result: unknown;
  /** The JSON-RPC error object as sent; undefined when there is none. */
  readonly error: unknown;
  /** Why there is no answer with this id; null when there is one. */
  readonly problem: string | null;
  readonly durationMs: number;
  readonly frame: Frame | null;
}

export interface McpSession extends AsyncDisposable {
  /** The first frame when it is the welcome the binding expects; null when it is not, or none is expected. */
  readonly welcome: Frame | null;
  /** Why the expected welcome is missing; null when all is well. */
  readonly welcomeProblem: string | null;
  call(method: string, params: JsonTemplate, options?: McpCallOptions): Promise<McpReply>;
  /** The binding's own call with this canary; `echoed` says whether the result brings it back. */
  callEcho(canary: string, options?: McpCallOptions): Promise<McpReply & { readonly echoed: boolean }>;
  /** false: the connection is no longer open, nothing was sent. */
  sendRaw(data: string | Uint8Array): boolean;
  frames(): readonly Frame[];
  next(predicate: (frame: Frame) => boolean, options: NextOptions): Promise<NextFrame>;
  closeInfo(): CloseInfo | null;
  /** Round trip in milliseconds; null when no pong came in time. */
  ping(withinMs?: number): Promise<number | null>;
  close(): Promise<void>;
}

/** Opens a session and, where the binding expects one, waits for the welcome. */
export async function openMcpSession(binding: McpBinding, variables: Variables, options: SocketOptions): Promise<Opened<McpSession>> {
  const opened = await openSocket(binding.ws, variables, options);
  if (!opened.ok) return opened;
  const socket = opened.value;
  const welcome = await awaitWelcome(binding, socket, options.timeoutMs);
  const call = caller(socket, options.timeoutMs);
  return {
    ok: true,
    value: {
      ...welcome,
      call,
      async callEcho(canary, callOptions) {
        const params = fillJson(binding.call.params, { ...variables, canary });
        const reply = await call(binding.call.method, params, callOptions);
        return { ...reply, echoed: reply.ok && contains(extract(binding.call.echo, reply.result), canary) };
      },
      sendRaw: socket.send,
      frames: () => socket.log.frames,
      next: (predicate, within) => socket.log.next(predicate, within),
      closeInfo: socket.closeInfo,
      ping: (withinMs = options.timeoutMs) => socket.ping(withinMs),
      close: socket.close,
      [Symbol.asyncDispose]: socket.close,
    },
  };
}

async function awaitWelcome(
  { welcome }: McpBinding,
  socket: Socket,
  withinMs: number,
): Promise<Pick<McpSession, 'welcome' | 'welcomeProblem'>> {
  if (welcome === null) return { welcome: null, welcomeProblem: null };
  const first = await socket.log.next(() => true, { withinMs });
  if (!first.ok) return { welcome: null, welcomeProblem: first.problem };
  if (holdsIn(welcome, first.frame.json)) return { welcome: first.frame, welcomeProblem: null };
  const seen = first.frame.binary ? `${first.frame.bytes} binary bytes` : first.frame.text.slice(0, 120);
  return { welcome: null, welcomeProblem: `the first message is not the welcome \`${welcome}\`: ${seen}` };
}

function caller(socket: Socket, defaultTimeoutMs: number): McpSession['call'] {
  let lastId = 0;
  return async (method, params, { id, timeoutMs = defaultTimeoutMs } = {}) => {
    if (id === undefined) lastId += 1;
    const usedId = id ?? lastId;
    const startedMs = monotonicMs();
    const since = socket.log.lastSeq;
    const sent = socket.send(JSON.stringify({ jsonrpc: '2.0', id: usedId, method, params }));
    const found = sent
      ? await socket.log.next((frame) => isReplyTo(frame, usedId), { withinMs: timeoutMs, since })
      : {
          ok: false as const,
          problem: `the connection was closed with ${socket.closeInfo()?.code ?? 'no code'} before the request was sent`,
        };
    const durationMs = monotonicMs() - startedMs;
    if (!found.ok) return { ok: false, result: undefined, error: undefined, problem: found.problem, durationMs, frame: null };
    const error = extract('error', found.frame.json);
    const result = extract('result', found.frame.json);
    return { ok: error === undefined && result !== undefined, result, error, problem: null, durationMs, frame: found.frame };
  };
}

/** A reply has our id and no method: a server's own request may use the same id. */
function isReplyTo(frame: Frame, id: string | number): boolean {
  return extract('id', frame.json) === id && extract('method', frame.json) === undefined;
}
