export type RpcId = string | number;

/** Requests under way, per connection or session. */
export const MAX_IN_FLIGHT = 32;
export const AGENT_ID = /^[\w.:-]{1,64}$/;

export const RPC_CODE = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  timeout: -32001,
  dependency: -32002,
  rate: -32003,
  unauthorized: -32004,
} as const;

export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly code: number;
  readonly data: unknown;

  constructor(code: number, message: string, data?: unknown) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

export type RpcRead =
  | { readonly kind: 'request'; readonly id: RpcId; readonly method: string; readonly params: unknown }
  | { readonly kind: 'notification'; readonly method: string; readonly params: unknown }
  /** The peer's answer to something: this server asks nothing, so it is ignored. */
  | { readonly kind: 'answer' }
  | { readonly kind: 'invalid'; readonly id: RpcId | null; readonly error: RpcError };

/** Reads one frame. Never throws: what is wrong with a frame is said to its sender. */
export function readFrame(text: string): RpcRead {
  let value: unknown;
  try {
    value = JSON.parse(text) as unknown;
  } catch {
    return { kind: 'invalid', id: null, error: new RpcError(RPC_CODE.parse, 'the frame is not JSON') };
  }
  if (Array.isArray(value)) return { kind: 'invalid', id: null, error: new RpcError(RPC_CODE.invalidRequest, 'batches are not supported') };
  if (typeof value !== 'object' || value === null) return invalid(null, 'the frame is not an object');
  return readMessage(value as Readonly<Record<string, unknown>>);
}

function readMessage(message: Readonly<Record<string, unknown>>): RpcRead {
  const { jsonrpc, id, method, params } = message;
  const validId = readId(id);
  if (jsonrpc !== '2.0') return invalid(validId, 'jsonrpc must be "2.0"');
  if (method === undefined && ('result' in message || 'error' in message)) return { kind: 'answer' };
  if (typeof method !== 'string' || method === '') return invalid(validId, 'method must be a text');
  if (params !== undefined && (typeof params !== 'object' || params === null))
    return invalid(validId, 'params must be an object or a list');
  if (!('id' in message)) return { kind: 'notification', method, params };
  if (validId === null) return invalid(null, 'id must be a text or a number');
  return { kind: 'request', id: validId, method, params };
}

function readId(id: unknown): RpcId | null {
  return typeof id === 'string' || (typeof id === 'number' && Number.isFinite(id)) ? id : null;
}

function invalid(id: RpcId | null, message: string): RpcRead {
  return { kind: 'invalid', id, error: new RpcError(RPC_CODE.invalidRequest, message) };
}

/** What a request came to. */
export type RpcAnswer = { readonly result: unknown } | { readonly error: RpcError };

/** @param id as the peer sent it, with its type; null when it could not be read. */
export function answerFrame(id: RpcId | null, answer: RpcAnswer): string {
  if ('result' in answer) return JSON.stringify({ jsonrpc: '2.0', id, result: answer.result });
  const { code, message, data } = answer.error;
  return JSON.stringify({ jsonrpc: '2.0', id, error: { code, message, ...(data === undefined ? {} : { data }) } });
}

export function notificationFrame(method: string, params: unknown): string {
  return JSON.stringify({ jsonrpc: '2.0', method, params });
}
