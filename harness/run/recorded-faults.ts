import { FaultController } from '../faults/controller.ts';
import { FAULTS } from '../faults/faults.ts';
import type { Environment } from '../model/environment.ts';
import type { Journal } from './journal.ts';

/** The faults of a run: each is in the journal, and told of while it lasts. */
export function recordedFaults(environment: Environment, journal: Journal): FaultController {
  return new FaultController({
    faults: FAULTS,
    environment,
    startMonotonicMs: journal.startMonotonicMs,
    onFault: ({ id, phase, text }) => {
      journal.event('fault', `${phase}: ${text}`);
      journal.progress({ kind: 'fault', fault: id, phase, text });
    },
  });
}
