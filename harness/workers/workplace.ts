import type { LoadPlan, Operation } from '../load/index.ts';
import { type TlsOptions, tlsByService } from '../model/tls.ts';
import { createLoadHttp, createTargetClient, type LoadHttp, type TargetClient, urlOf } from '../target/index.ts';
import type { LoadTask } from './load-task.ts';
import { operationFor, type OpeningCount } from './operations/index.ts';

/** More than a load has under way: the engine bounds that, and a limit here would be a queue that nobody sees. */
const CONNECTIONS = 16_384;
/** Everything is closed within this time, whatever hangs. */
const CLOSE_WITHIN_MS = 1_000;

/** The operations of a mix with all they hold: clients, sessions, pools. Serves any number of loads, one after the other. */
export class Workplace implements AsyncDisposable {
  readonly operations: readonly Operation[];
  readonly opening: OpeningCount = { opened: 0, failed: 0, of: 0 };
  readonly #client: TargetClient;
  readonly #doors = new Map<string, LoadHttp>();
  readonly #tls: (service: string) => TlsOptions;
  #plan: LoadPlan;
  #round = 0;

  /** @throws MissingBinding for what the target does not bind, MusterError for a mix or addresses that cannot be used. */
  constructor({ plan, target, urls, adminUrls, allowedHosts }: LoadTask) {
    this.#plan = plan;
    const { timeoutMs } = plan;
    this.#tls = tlsByService(target.services);
    this.#client = createTargetClient({ target, urls, allowedHosts, timeoutMs });
    const context = {
      current: () => ({ plan: this.#plan, round: this.#round }),
      timeoutMs,
      target,
      urls,
      adminUrl: (service: string) => adminUrls[service] ?? null,
      client: this.#client,
      http: (service: string) => this.#door(service, urls),
      tls: this.#tls,
      opening: this.opening,
    };
    this.operations = plan.mix.map((entry) => operationFor(entry, context));
  }

  /** Loads of which the one may go on with what the other opened have the same key. It may hold secrets. */
  static keyOf({ plan, shard, target, urls, adminUrls, allowedHosts }: LoadTask): string {
    return JSON.stringify([plan.mix, plan.agents, plan.timeoutMs, shard, target, urls, adminUrls, allowedHosts]);
  }

  begin(plan: LoadPlan): void {
    this.#plan = plan;
    this.#round += 1;
  }

  /** Opens what the agents need; resolves soon after `signal` aborts, too. What did not open is tried again by its arrivals. */
  async open(agents: readonly number[], signal: AbortSignal): Promise<void> {
    Object.assign(this.opening, { opened: 0, failed: 0, of: 0 });
    await Promise.all(this.operations.map(async (operation) => operation.open?.(agents, signal)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closing = this.operations.map((operation) => operation[Symbol.asyncDispose]());
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, CLOSE_WITHIN_MS)));
    await Promise.race([Promise.all(closing), late]);
    clearTimeout(timer);
    await Promise.all([...this.#doors.values(), this.#client].map((door) => door[Symbol.asyncDispose]()));
  }

  #door(service: string, urls: LoadTask['urls']): LoadHttp {
    const known = this.#doors.get(service);
    if (known !== undefined) return known;
    const door = createLoadHttp({ url: urlOf(service, urls), connections: CONNECTIONS, tls: this.#tls(service) });
    this.#doors.set(service, door);
    return door;
  }
}
