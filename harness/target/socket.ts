import { WebSocket, type RawData } from 'ws';
import { monotonicMs } from '../model/clock.ts';
import type { WsTemplate } from '../model/target.ts';
import type { TlsOptions } from '../model/tls.ts';
import { fillHeader, fillPath, type Variables } from '../model/template.ts';
import { FrameLog } from './frames.ts';

/** A connection, or how the handshake failed. */
export type Opened<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly status: number | null; readonly error: string };

export interface SocketOptions {
  /** Base http URL of a service. */
  readonly url: (service: string) => string;
  readonly tls: (service: string) => TlsOptions;
  /** Limit of the handshake. */
  readonly timeoutMs: number;
}

export interface CloseInfo {
  /** 1006: the connection ended without a close frame. */
  readonly code: number;
  readonly reason: string;
  /** What our side refused, such as an invalid frame; null for an orderly close. */
  readonly error: string | null;
  readonly atMonotonicMs: number;
}

export interface Socket {
  readonly log: FrameLog;
  /** null while open. */
  readonly closeInfo: () => CloseInfo | null;
  /** false: the connection is no longer open, nothing was sent. */
  readonly send: (data: string | Uint8Array) => boolean;
  /** Round trip in milliseconds of a WebSocket ping; null when no pong came in time. */
  readonly ping: (withinMs: number) => Promise<number | null>;
  /** Closes in order, after a second by force; resolves when closed. */
  readonly close: () => Promise<void>;
}

const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
const CLOSE_WITHIN_MS = 1000;

/** Opens a WebSocket. What the server does is data: a refused handshake is a result, a hostile frame ends in `closeInfo`. */
export function openSocket(template: WsTemplate, variables: Variables, { url, tls, timeoutMs }: SocketOptions): Promise<Opened<Socket>> {
  const base = url(template.service).replace(/^http/, 'ws').replace(/\/$/, '');
  const headers = Object.fromEntries(Object.entries(template.headers).map(([name, value]) => [name, fillHeader(value, variables)]));
  const ws = new WebSocket(base + fillPath(template.path, variables), {
    ...tls(template.service),
    headers,
    handshakeTimeout: timeoutMs,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
  });
  const socket = socketOf(ws);
  return new Promise((resolve) => {
    ws.once('open', () => resolve({ ok: true, value: socket }));
    ws.once('unexpected-response', (request, response) => {
      resolve({
        ok: false,
        status: response.statusCode ?? null,
        error: `the handshake was answered with ${response.statusCode ?? 'no status'}`,
      });
      response.destroy();
      request.destroy();
    });
    ws.once('error', (error) => resolve({ ok: false, status: null, error: error.message }));
  });
}

function socketOf(ws: WebSocket): Socket {
  const log = new FrameLog();
  let closed: CloseInfo | null = null;
  let error: string | null = null;
  ws.on('message', (data: RawData, binary: boolean) => log.push(bufferOf(data), binary));
  ws.on('error', (cause) => {
    error = cause.message;
  });
  ws.once('close', (code, reason) => {
    closed = { code, reason: reason.toString('utf8'), error, atMonotonicMs: monotonicMs() };
    log.end(`the connection closed with ${code}${error === null ? '' : ` (${error})`}`);
  });
  return {
    log,
    closeInfo: () => closed,
    send(data) {
      if (ws.readyState !== WebSocket.OPEN) return false;
      ws.send(data);
      return true;
    },
    ping: (withinMs) => pingOnce(ws, withinMs),
    close: () => closeSocket(ws),
  };
}

function pingOnce(ws: WebSocket, withinMs: number): Promise<number | null> {
  if (ws.readyState !== WebSocket.OPEN) return Promise.resolve(null);
  const startedMs = monotonicMs();
  const payload = String(startedMs);
  return new Promise((resolve) => {
    const finish = (rttMs: number | null): void => {
      clearTimeout(timer);
      ws.off('pong', onPong);
      ws.off('close', onClose);
      resolve(rttMs);
    };
    const onPong = (data: Buffer): void => {
      if (data.toString('utf8') === payload) finish(monotonicMs() - startedMs);
    };
    const onClose = (): void => finish(null);
    const timer = setTimeout(() => finish(null), withinMs);
    ws.on('pong', onPong);
    ws.once('close', onClose);
    ws.ping(payload);
  });
}

function closeSocket(ws: WebSocket): Promise<void> {
  if (ws.readyState === WebSocket.CLOSED) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => ws.terminate(), CLOSE_WITHIN_MS);
    ws.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    ws.close(1000);
  });
}

function bufferOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}
