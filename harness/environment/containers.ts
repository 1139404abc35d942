import { MusterError } from '../model/errors.ts';
import type { Provider, StartedEnvironment, StartOptions } from './provider.ts';

export const suitsContainers: Provider['suits'] = () => Promise.resolve({ suits: false, reason: 'it is not made yet' });

export function startContainers(options: StartOptions): Promise<StartedEnvironment> {
  throw new MusterError(`The provider containers cannot run "${options.target.name}" yet.`, {
    code: 'MUSTER_NO_PROVIDER',
    blame: 'environment',
    hint: 'Use --provider local.',
  });
}
