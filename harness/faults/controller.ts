import type { Environment, FaultProof } from '../model/environment.ts';
import { messageOf, MusterError } from '../model/errors.ts';
import { monotonicMs } from '../model/clock.ts';
import type { RecordFault } from '../model/record.ts';
import type { Fault } from './fault.ts';

interface Active {
  readonly fault: Fault;
  readonly service: string;
  injectedAtMs: number;
  proof: string;
  healing: Promise<FaultProof> | null;
  healedAtMs: number | null;
  expiry: NodeJS.Timeout | null;
}

export interface FaultListener {
  (event: { readonly id: string; readonly phase: 'injected' | 'healed'; readonly text: string }): void;
}

export interface FaultControllerOptions {
  readonly faults: Readonly<Record<string, Fault>>;
  readonly environment: Environment;
  /** Monotonic milliseconds of the run's start. */
  readonly startMonotonicMs: number;
  readonly onFault: FaultListener;
}

/** Injects and heals faults for the suites; whatever a suite leaves broken is healed by time-out or at the phase's end. */
export class FaultController {
  readonly #options: FaultControllerOptions;
  readonly #active = new Map<string, Active>();
  #count = 0;

  constructor(options: FaultControllerOptions) {
    this.#options = options;
  }

  /**
   * Resolves when the fault is in force.
   * @throws MusterError for an unknown fault or service, or when the fault had no visible effect.
   */
  async inject(name: string, service: string, maxMs: number): Promise<{ faultId: string; injected: FaultProof }> {
    const { faults, environment, onFault } = this.#options;
    const fault = faults[name];
    if (fault === undefined) throw unknownFault(name, Object.keys(faults));
    this.#count += 1;
    const faultId = `${service}.${name}.${this.#count}`;
    const requestedAtMs = this.#sinceStart(monotonicMs());
    const active: Active = {
      fault,
      service,
      injectedAtMs: requestedAtMs,
      proof: 'not yet in force',
      healing: null,
      healedAtMs: null,
      expiry: null,
    };
    this.#active.set(faultId, active);
    const injected = await fault.inject(environment, service);
    active.injectedAtMs = this.#sinceStart(injected.atMonotonicMs);
    active.proof = injected.proof;
    if (active.healing === null) active.expiry = setTimeout(() => void this.#expire(faultId), maxMs).unref();
    onFault({ id: faultId, phase: 'injected', text: `${service}: ${fault.what} (${injected.proof})` });
    return { faultId, injected };
  }

  /** Heals one fault; healing twice is harmless and returns the same proof. */
  heal(faultId: string): Promise<FaultProof> {
    const active = this.#active.get(faultId);
    if (active === undefined) return Promise.reject(unknownFault(faultId, [...this.#active.keys()]));
    active.healing ??= this.#heal(faultId, active).catch((error: unknown) => {
      active.healing = null; // asked again, it is tried again
      throw error;
    });
    return active.healing;
  }

  /** Heals whatever is still in force. Returns what could not be healed, in words. */
  async healAll(): Promise<readonly string[]> {
    const problems: string[] = [];
    for (const [faultId, active] of this.#active) {
      if (active.healedAtMs !== null) continue;
      try {
        await this.heal(faultId);
      } catch (error) {
        problems.push(`${faultId} could not be healed: ${messageOf(error)}`);
      }
    }
    return problems;
  }

  /** Stops every expiry timer without healing: the environment is about to be disposed of. */
  abandon(): void {
    for (const active of this.#active.values()) if (active.expiry) clearTimeout(active.expiry);
  }

  records(): readonly RecordFault[] {
    return [...this.#active].map(([id, active]) => ({
      id,
      service: active.service,
      kind: active.fault.name,
      injectedAtMs: active.injectedAtMs,
      healedAtMs: active.healedAtMs,
      proof: active.proof,
    }));
  }

  async #heal(faultId: string, active: Active): Promise<FaultProof> {
    if (active.expiry) clearTimeout(active.expiry);
    const healed = await active.fault.heal(this.#options.environment, active.service);
    active.healedAtMs = this.#sinceStart(healed.atMonotonicMs);
    this.#options.onFault({ id: faultId, phase: 'healed', text: `${active.service}: ${healed.proof}` });
    return healed;
  }

  async #expire(faultId: string): Promise<void> {
    const { onFault } = this.#options;
    onFault({ id: faultId, phase: 'healed', text: `${faultId}: time limit reached, healing` });
    try {
      await this.heal(faultId);
    } catch (error) {
      onFault({ id: faultId, phase: 'healed', text: `${faultId} could not be healed: ${messageOf(error)}` });
    }
  }

  #sinceStart(monotonic: number): number {
    return monotonic - this.#options.startMonotonicMs;
  }
}

function unknownFault(name: string, known: readonly string[]): MusterError {
  return new MusterError(`There is no fault "${name}"; known are: ${known.join(', ') || 'none'}.`, {
    code: 'MUSTER_UNKNOWN_FAULT',
    blame: 'harness',
    hint: 'Use a name from harness/faults/faults.ts.',
  });
}
