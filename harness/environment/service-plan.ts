import type { HeldPort } from './ports.ts';
import type { Tap } from './start-tap.ts';
import type { Probe } from './probes.ts';
import type { RunAs } from './unprivileged.ts';

/** How one service comes to life and ends; `ManagedService` does the rest. */
export interface ServicePlan {
  readonly name: string;
  readonly kind: 'postgres' | 'redis' | 'http';
  readonly url: string;
  readonly adminUrl: string;
  /** What counts the reads of the target's services on their way; absent: nothing does. */
  readonly tap?: Tap;
  readonly held: HeldPort;
  /** Passwords that must not show up in log lines. */
  readonly secrets: readonly string[];
  readonly manners: Manners;
  readonly withinMs: number;
  /** Done once, before the first start: files, data directories. */
  prepare(signal: AbortSignal): Promise<Launch>;
  readonly probe: Probe;
  /** Done when its very first start failed. */
  onStartFailure?(): Promise<void>;
  /** Done after every start, when the service is ready. */
  inspect(pid: number): Promise<Inspection>;
}

export interface Launch extends RunAs {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface Manners {
  /** Signals of the regular shutdown, gentlest first, and how long each may take; SIGKILL follows. */
  readonly shutdown: readonly { readonly signal: NodeJS.Signals; readonly withinMs: number }[];
  /** The quickest signal that leaves nothing behind, for when its data is not needed any more. */
  readonly endSignal: NodeJS.Signals;
  /** Whether the shutdown signal goes to the whole process group, as a terminal would send it. */
  readonly wholeGroup: boolean;
}

export interface Inspection {
  readonly version: string | null;
  readonly identity: Readonly<Record<string, string>>;
}
