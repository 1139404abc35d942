import type { Environment, FaultProof } from '../model/environment.ts';

/**
 * Something that is broken on purpose. `inject` resolves only when the effect is visible and returns the proof;
 * `heal` puts everything back and may be called twice.
 */
export interface Fault {
  readonly name: string;
  /** One sentence for the report and the docs. */
  readonly what: string;
  inject(environment: Environment, service: string): Promise<FaultProof>;
  heal(environment: Environment, service: string): Promise<FaultProof>;
}
