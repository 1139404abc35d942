import type { Choice } from '../environment/index.ts';
import type { StartedEnvironment } from './environment-session.ts';
import type { RunFacts } from './record.ts';

/** What the record says of the environment, however far the run came. */
export function environmentFacts(
  environment: StartedEnvironment | null,
  choice: Choice | null,
): Pick<RunFacts, 'provider' | 'providerReason' | 'environmentFacts'> {
  if (choice === null) return { provider: 'none', providerReason: 'no provider was chosen', environmentFacts: {} };
  if (environment === null) return { provider: choice.name, providerReason: `${choice.reason}; nothing was started`, environmentFacts: {} };
  return { provider: environment.provider, providerReason: `${choice.reason}; ${environment.reason}`, environmentFacts: environment.facts };
}
