import type { AddressProof, Environment, FaultProof, ResourceReading, RunningService, ServiceExit } from '../model/environment.ts';
import type { Choice } from '../environment/index.ts';
import type { LogPart, LogPosition } from '../environment/index.ts';
import type { TargetDigest } from './target-digest.ts';

/** Who talks, for the errors of a channel that breaks. */
export const STACK_CHANNEL = 'the process that holds the stack and this one';

/** A stack that stays up: what does not change. */
export interface StackFacts {
  readonly runId: string;
  /** Process that holds it. */
  readonly pid: number;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly target: string;
  readonly digest: TargetDigest;
  readonly choice: Choice;
}

/** A stack as it is now. */
export interface StackState extends StackFacts {
  readonly environment: Pick<Environment, 'provider' | 'reason' | 'facts' | 'cannot'>;
  readonly services: readonly RunningService[];
  /** Service that does not run → why, as far as it is known. */
  readonly down: Readonly<Record<string, string>>;
  /** The run that works with it. */
  readonly guest: StackGuest | null;
}

export interface StackGuest {
  readonly runId: string;
  readonly pid: number;
}

export interface Changed {
  readonly proof: FaultProof;
  readonly services: readonly RunningService[];
}

/** Served by the process that holds a stack to everybody who may open its socket. */
export interface StackApi {
  /** Passwords that are not the stack's own are left out. */
  describe(): Promise<StackState>;
  /**
   * Makes this connection the one run that may stop and start services. What it stopped is started again when it leaves, and when the
   * connection ends.
   * @throws MusterError (config) while another run has it.
   */
  join(guest: StackGuest): Promise<StackState>;
  /** Returns what could not be put back, in words. */
  leave(): Promise<readonly string[]>;
  stop(service: string, how: 'stop' | 'kill'): Promise<Changed>;
  start(service: string): Promise<Changed>;
  /** For a run: lines written since it joined. */
  logTail(service: string, lines: number): Promise<readonly string[]>;
  readLog(service: string, from: LogPosition, unfinished: boolean): Promise<LogPart>;
  addressProof(service: string): Promise<AddressProof>;
  stillCarried(): Promise<boolean>;
  reading(service: string): Promise<ResourceReading | null>;
}

/** Served by the run that has joined. */
export interface GuestApi {
  exited(exit: ServiceExit, services: readonly RunningService[]): Promise<void>;
}
