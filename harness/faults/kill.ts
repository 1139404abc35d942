import type { Fault } from './fault.ts';

/** SIGKILL to the process tree: no shutdown code runs. In force when its port refuses connections. */
export const kill: Fault = {
  name: 'kill',
  what: 'the processes of the service are killed with SIGKILL',
  inject: (environment, service) => environment.stop(service, 'kill'),
  heal: (environment, service) => environment.start(service),
};
