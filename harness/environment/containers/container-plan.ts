import type { ManagedUnit } from '../managed-unit.ts';
import type { Probe } from '../probes.ts';
import type { Inspection } from '../service-plan.ts';

/** How one service in a container comes to life; `ContainerUnit` does the rest. */
export interface ContainerPlan {
  readonly name: string;
  readonly kind: ManagedUnit['kind'];
  readonly url: string;
  readonly adminUrl: string | null;
  /** On 127.0.0.1. */
  readonly port: number;
  /** Passwords that must not show up in log lines. */
  readonly secrets: readonly string[];
  /** How long its regular shutdown may take before it is killed. */
  readonly stopMs: number;
  readonly withinMs: number;
  readonly probe: Probe;
  /**
   * Makes and starts the container, once. `created` is to be called with its id before it is started, or as soon as the id is known.
   * @throws StartRefused when the target is to blame; MusterError for anything else.
   */
  obtain(signal: AbortSignal, created: (container: string) => void): Promise<void>;
  /** Done after every start, when the service is ready. */
  inspect(): Promise<Inspection>;
  /** Gives back what is held for it, such as its port. Harmless twice. */
  release?(): Promise<void>;
}

/** The engine did not start a container because of what the target asks for: a finding, not an error. `message`: a full sentence. */
export class StartRefused extends Error {
  /** Log lines that explain it; its own container has none yet. */
  readonly logTail: readonly string[];

  constructor(message: string, logTail: readonly string[] = []) {
    super(message);
    this.logTail = logTail;
  }
}
