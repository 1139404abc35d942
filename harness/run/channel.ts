import type { Socket } from 'node:net';
import { createBirpc } from 'birpc';
import { fromErrorData, toErrorData, type ErrorData } from '../model/error-data.ts';
import { MusterError } from '../model/errors.ts';

/** One line of JSON per message; a peer that sends more than this without a newline is broken. */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;
/** Calls that take longer are answered by the deadline of the check or phase that made them. */
const CALL_TIMEOUT_MS = 25 * 60 * 60_000;

/** Splits a byte stream into lines and hands each to `onLine`; destroys the socket when a line exceeds the limit. */
function readLines(socket: Socket, onLine: (line: string) => void): void {
  let chunks: string[] = [];
  let size = 0;
  socket.setEncoding('utf8');
  socket.on('data', (data: string) => {
    const parts = data.split('\n');
    const last = parts.pop() ?? '';
    for (const part of parts) {
      chunks.push(part);
      const line = chunks.join('');
      chunks = [];
      size = 0;
      onLine(line);
    }
    chunks.push(last);
    size += last.length;
    if (size > MAX_MESSAGE_BYTES) socket.destroy(new Error('message over the channel limit')); // invariant: our own processes send bounded messages
  });
}

export interface Channel<Remote extends object> {
  readonly remote: Remote;
  /** Rejects every pending call and closes the socket. */
  close(reason: string): void;
}

/**
 * Typed calls in both directions over a socket. Calls pending when the socket closes are rejected with a
 * MusterError that says so; nothing hangs on a dead peer. What a call throws there is thrown here, a MusterError as one.
 * @param between who talks, for that error.
 */
export function openChannel<Remote extends object, Local extends object>(
  socket: Socket,
  local: Local,
  between = 'supervisor and suite runner',
): Channel<Remote> {
  let deliver: (message: unknown) => void = () => {};
  const rpc = createBirpc<Record<string, (...args: unknown[]) => unknown>, Record<string, (...args: unknown[]) => unknown>>(
    local as Record<string, (...args: unknown[]) => unknown>,
    {
      post: (message: string) => {
        if (!socket.destroyed) socket.write(`${message}\n`);
      },
      on: (listener: (message: unknown) => void) => {
        deliver = listener;
      },
      serialize: (value: unknown) => JSON.stringify(value, errorsAsObjects),
      deserialize: (text: string) => withError(JSON.parse(text)),
      timeout: CALL_TIMEOUT_MS,
    },
  );
  readLines(socket, (line) => deliver(line));
  const fail = (reason: string): void => {
    if (!rpc.$closed) rpc.$close(channelClosed(between, reason));
  };
  socket.on('close', () => fail('the other process closed the connection'));
  socket.on('error', (error) => fail(error.message));
  return {
    remote: rpc as unknown as Remote,
    close(reason) {
      fail(reason);
      socket.end();
    },
  };
}

function errorsAsObjects(_key: string, value: unknown): unknown {
  return value instanceof Error ? toErrorData(value) : value;
}

/** An answer carries what was thrown under `e`. */
function withError(message: unknown): unknown {
  if (typeof message !== 'object' || message === null || !('e' in message)) return message;
  return isErrorData(message.e) ? { ...message, e: fromErrorData(message.e) } : message;
}

function isErrorData(value: unknown): value is ErrorData {
  return typeof value === 'object' && value !== null && 'message' in value && 'muster' in value;
}

function channelClosed(between: string, reason: string): MusterError {
  return new MusterError(`The channel between ${between} is closed: ${reason}.`, {
    code: 'MUSTER_CHANNEL_CLOSED',
    blame: 'harness',
    hint: 'See the events of the run for which process ended first.',
  });
}
