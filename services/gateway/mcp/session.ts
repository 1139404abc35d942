import { ServiceError } from '../../shared/service-error.ts';
import { EVERYTHING, type EventFilter } from '../events/feeds.ts';
import { UUID } from '../workspace.ts';
import type { PreparedStream } from '../ws/event-stream.ts';
import type { Peer } from '../ws/peer.ts';
import type { Caller } from './caller.ts';
import { notificationFrame, type RpcId } from './json-rpc.ts';

/** Whose events a connection wants: its own agent's, or everything in its workspace. */
export type EventScope = 'agent' | 'workspace';

/** What belongs to one connection and ends with it. */
export class Session {
  readonly id: string;
  readonly caller: Caller & { readonly agent: string };
  readonly peer: Peer;
  readonly #running = new Map<AbortController, RpcId>();
  #unsubscribe: () => void = () => undefined;

  constructor(id: string, caller: Caller & { readonly agent: string }, peer: Peer) {
    this.id = id;
    this.caller = caller;
    this.peer = peer;
    peer.onClose(() => {
      this.#unsubscribe();
      for (const running of this.#running.keys()) running.abort();
    });
  }

  get inFlight(): number {
    return this.#running.size;
  }

  /** Runs until it is done or the client cancels it or leaves. Rejects with the signal's reason when it was cancelled. */
  async run<T>(id: RpcId, work: () => Promise<T>): Promise<T> {
    const controller = new AbortController();
    const cancelled = new Promise<never>((_, reject) => {
      controller.signal.addEventListener('abort', () => reject(new Cancelled()));
    });
    this.#running.set(controller, id);
    try {
      return await Promise.race([work(), cancelled]);
    } finally {
      this.#running.delete(controller);
    }
  }

  /** An id that is unknown, or done by now, is ignored. */
  cancel(id: RpcId): void {
    for (const [controller, running] of this.#running) if (running === id) controller.abort();
  }

  /** What a subscription of this scope wants. @throws ServiceError when the agent has no id that events could name. */
  filterOf(scope: EventScope): EventFilter {
    const { agent } = this.caller;
    if (scope === 'workspace') return EVERYTHING;
    if (!UUID.test(agent)) {
      throw new ServiceError(
        'validation_failed',
        `events name agents by UUID, and agent_id is "${agent}"; subscribe with scope "workspace"`,
      );
    }
    return { ...EVERYTHING, agentIds: new Set([agent.toLowerCase()]) };
  }

  /** In place of an earlier subscription; not for a client that left meanwhile. */
  subscribe({ start }: PreparedStream): void {
    this.#unsubscribe();
    if (this.peer.isOpen()) this.#unsubscribe = start(this.peer, (event) => this.peer.send(notificationFrame('event', event)));
  }

  unsubscribe(): void {
    this.#unsubscribe();
    this.#unsubscribe = () => undefined;
  }
}

/** The client does not want the answer any more, so it gets none. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
}
