import { NotMeasured, type SuiteRun } from '../../harness/index.ts';
import { lookUntil } from './until.ts';

/** An exit may be known a moment later than its effects are seen. */
const KNOWN_WITHIN_MS = 1_000;

/**
 * For a check that saw nobody at a service's address: when the service ended on its own meanwhile, that is the whole story, and
 * `preflight.services.stay_up` tells it.
 * @throws NotMeasured when the service does not run.
 */
export async function requireRunning(run: Pick<SuiteRun, 'service' | 'signal'>, name: string): Promise<void> {
  const { running } = await lookUntil(
    () => run.service(name),
    (service) => !service.running,
    { withinMs: KNOWN_WITHIN_MS, signal: run.signal },
  );
  if (!running) throw new NotMeasured(`${name} exited while it was looked at`);
}
