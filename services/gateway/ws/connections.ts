import type { WsLimits } from '../config.ts';
import { RateLimit } from './rate.ts';
import { CLOSE, type Peer } from './peer.ts';

export type Refusal = { readonly code: number; readonly reason: string };

/** Who is connected, and whether one more may be. */
export class Connections {
  readonly #peers = new Map<Peer, string | null>();
  readonly #limits: WsLimits;
  readonly #perAddress: RateLimit;

  constructor(limits: WsLimits) {
    this.#limits = limits;
    this.#perAddress = new RateLimit(limits.connectionsPerMinutePerAddress, 60_000);
  }

  /** @param agent whom the connection counts for; null for none. */
  refusal(address: string, agent: string | null): Refusal | null {
    if (!this.#perAddress.take(address)) return { code: CLOSE.policy, reason: 'too many new connections from this address' };
    if (this.#peers.size >= this.#limits.connections) return { code: CLOSE.full, reason: 'no free connection' };
    if (agent !== null && this.#countOf(agent) >= this.#limits.connectionsPerAgent)
      return { code: CLOSE.policy, reason: 'too many connections for this agent' };
    return null;
  }

  add(peer: Peer, agent: string | null): void {
    this.#peers.set(peer, agent);
    peer.onClose(() => this.#peers.delete(peer));
  }

  closeAll(): void {
    for (const peer of this.#peers.keys()) peer.close(CLOSE.goingAway, 'the service is stopping');
  }

  stats(): Readonly<Record<string, unknown>> {
    const byAgent: Record<string, number> = {};
    for (const agent of this.#peers.values()) if (agent !== null) byAgent[agent] = (byAgent[agent] ?? 0) + 1;
    return { connections: this.#peers.size, by_agent: byAgent };
  }

  #countOf(agent: string): number {
    return [...this.#peers.values()].filter((name) => name === agent).length;
  }
}
