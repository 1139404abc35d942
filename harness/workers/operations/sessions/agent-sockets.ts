import type { Call } from '../../../load/index.ts';
import type { Outcome } from '../../../model/outcome.ts';
import type { OpeningCount } from '../operation-context.ts';
import { type AgentSocket, closeSockets, dial, type Dial, type SocketOwner } from './agent-socket.ts';
import { type Opening, PerAgent } from './per-agent.ts';

/** What one agent does over its connection, with the calls that wait for something from there. */
export abstract class AgentSession implements SocketOwner {
  socket: AgentSocket | null = null;
  /** Set by whoever holds the session. */
  onClosed: (() => void) | null = null;
  /** By what their answer will carry; null while there was none: most sockets are idle. */
  #waiting: Map<string | number, Call> | null = null;

  abstract message(data: Buffer, binary: boolean): void;

  /** Only whoever pings need listen. */
  pong(_data: Buffer): void {}

  closed(): void {
    this.socket = null;
    this.onClosed?.();
    const calls = [...(this.#waiting?.values() ?? [])];
    this.#waiting = null;
    for (const call of calls) call.end('unknown');
  }

  await(key: string | number, call: Call): void {
    this.#waiting ??= new Map();
    this.#waiting.set(key, call);
    call.cancel = () => this.forget(key);
  }

  waitingFor(key: string | number): Call | undefined {
    return this.#waiting?.get(key);
  }

  forget(key: string | number): void {
    this.#waiting?.delete(key);
  }

  /** Sends a request whose answer `key` will find; a connection that is gone ends the call. */
  post(text: string, key: string | number, call: Call): void {
    this.await(key, call);
    if (this.socket?.post(text) !== true) this.closed();
  }
}

export interface AgentSocketsOptions<S extends AgentSession> {
  /** Where the agent's connection goes; an outcome when that cannot be known because the target did not say. */
  readonly route: (agent: number, signal: AbortSignal) => Promise<Opening<Dial>>;
  readonly session: (agent: number) => S;
  readonly perSecond: number;
}

/** A server has so long to answer the close of its connections. */
const CLOSE_GRACE_MS = 500;

/** One WebSocket session per agent: opened before the load or by a call, opened anew when it broke, closed at the end. */
export class AgentSockets<S extends AgentSession> implements AsyncDisposable {
  readonly #sessions: PerAgent<S>;

  constructor({ route, session, perSecond }: AgentSocketsOptions<S>) {
    const open = async (agent: number, signal: AbortSignal): Promise<Opening<S>> => {
      const to = await route(agent, signal);
      if (!to.ok) return to;
      const owner = session(agent);
      const opened = await dial(to.value, owner, signal);
      if (!opened.ok) return opened;
      if (opened.value.readyState !== opened.value.OPEN) return { ok: false, outcome: LOST };
      owner.socket = opened.value;
      owner.onClosed = () => this.#sessions.lost(agent, owner, LOST);
      return { ok: true, value: owner };
    };
    this.#sessions = new PerAgent<S>({ open, perSecond });
  }

  openAll(agents: readonly number[], signal: AbortSignal, count: OpeningCount): Promise<void> {
    return this.#sessions.openAll(agents, signal, count);
  }

  call(call: Call, ready: (session: S) => void): void {
    this.#sessions.call(call, ready);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const sessions = [...this.#sessions.values()];
    this.#sessions.close();
    await closeSockets(
      sessions.flatMap(({ socket }) => (socket === null ? [] : [socket])),
      CLOSE_GRACE_MS,
    );
  }
}

const LOST: Outcome = 'unknown';
