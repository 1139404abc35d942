import type { LoadPlan } from '../../load/index.ts';
import type { Target } from '../../model/target.ts';
import type { TlsOptions } from '../../model/tls.ts';
import type { LoadHttp, TargetClient } from '../../target/index.ts';

/** How many sessions of a worker are open; the operations count in it while they open theirs. */
export interface OpeningCount {
  opened: number;
  failed: number;
  of: number;
}

/** What an operation of a load is built from. */
export interface OperationContext {
  /** The load that runs; `round` counts those that run over the same operations. */
  readonly current: () => { readonly plan: LoadPlan; readonly round: number };
  /** Limit of one handshake or connection; the engine's own limit ends the calls. */
  readonly timeoutMs: number;
  readonly target: Target;
  /** Base URL by service. */
  readonly urls: Readonly<Record<string, string>>;
  /** The harness's own way into a store, by name of the service; null: there is none here. */
  readonly adminUrl: (service: string) => string | null;
  /** For what happens once per agent. Shared by the operations of a worker; disposed of by whoever made it. */
  readonly client: TargetClient;
  /** For what happens per arrival: shared and disposed of likewise. @throws MusterError MUSTER_UNKNOWN_SERVICE */
  readonly http: (service: string) => LoadHttp;
  readonly tls: (service: string) => TlsOptions;
  readonly opening: OpeningCount;
}
