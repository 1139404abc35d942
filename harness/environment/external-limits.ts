import type { Incapacities } from '../model/environment.ts';
import type { Allowances } from '../model/plan.ts';

const NO_FAULTS = 'The provider external cannot stop services that Muster did not start.';
const NOT_ALLOWED = ' Nor is anything broken on purpose in them as long as `allow.faults` is false.';

/** What cannot be done to services that somebody else runs; known before the run. */
export function externalCannot({ faults }: Pick<Allowances, 'faults'>): Incapacities {
  return {
    'process-faults': `${NO_FAULTS}${faults ? '' : NOT_ALLOWED}`,
    'process-watch': 'The provider external does not see the processes of the services: an exit would go unnoticed.',
    logs: 'The provider external cannot read the logs of services that Muster did not start.',
    'address-proof': 'Muster did not start what answers at the addresses of the target file: nobody can say whether it is what was meant.',
    processes: 'The provider external does not know the processes of the services: on this machine they look like those of others.',
    resources: 'The provider external cannot read CPU, memory and descriptors of services that run elsewhere.',
  };
}
