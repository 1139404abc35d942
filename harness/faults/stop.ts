import type { Fault } from './fault.ts';

/** Regular shutdown of a service, as an operator or an upgrade would do it. In force when its port refuses connections. */
export const stop: Fault = {
  name: 'stop',
  what: 'the service is shut down with its regular signal',
  inject: (environment, service) => environment.stop(service, 'stop'),
  heal: (environment, service) => environment.start(service),
};
