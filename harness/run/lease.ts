import type { Environment, FaultProof } from '../model/environment.ts';
import { messageOf } from '../model/errors.ts';

/** What one run has stopped in a stack that is not its own, so that it can be started again without the run. */
export class Lease {
  readonly #environment: Pick<Environment, 'stop' | 'start'>;
  readonly #stopped = new Set<string>();

  constructor(environment: Pick<Environment, 'stop' | 'start'>) {
    this.#environment = environment;
  }

  /** Noted before it is done: the run may vanish meanwhile. */
  stop(service: string, how: 'stop' | 'kill'): Promise<FaultProof> {
    this.#stopped.add(service);
    return this.#environment.stop(service, how);
  }

  async start(service: string): Promise<FaultProof> {
    const proof = await this.#environment.start(service);
    this.#stopped.delete(service);
    return proof;
  }

  /** Starts what is still stopped. Returns what could not be started, in words; asked again, it is tried again. */
  async heal(): Promise<readonly string[]> {
    const problems = await Promise.all(
      [...this.#stopped].map(async (service) => {
        try {
          await this.start(service);
          return null;
        } catch (error) {
          return `"${service}" was stopped by this run and could not be started again: ${messageOf(error)}`;
        }
      }),
    );
    return problems.filter((problem) => problem !== null);
  }
}
