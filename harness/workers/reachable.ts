import { isLoopback } from '../model/hosts.ts';
import { MusterError } from '../model/errors.ts';
import { LOAD_NOT_RUN } from './coordinator.ts';
import type { LoadTask } from './load-task.ts';

/**
 * Loopback is another machine's own: a worker there would load whatever answers at that port there, or nothing.
 * @throws MusterError MUSTER_LOAD_NOT_RUN
 */
export function requireReachable(
  { urls, adminUrls }: LoadTask,
  workers: readonly { readonly name: string; readonly host: string }[],
  here: string,
): void {
  const elsewhere = workers.filter(({ host }) => host !== here);
  const local = Object.entries({ ...adminUrls, ...urls }).filter(([, url]) => isLoopback(new URL(url).hostname));
  if (elsewhere.length === 0 || local.length === 0) return;
  throw new MusterError(
    `The target answers on loopback of ${here} (${local.map(([service]) => service).join(', ')}), which ${elsewhere.map(({ name }) => name).join(', ')} cannot reach.`,
    {
      code: LOAD_NOT_RUN,
      blame: 'environment',
      hint: 'Start the workers on this machine, or assess a target that has an address of the network (--provider external, allow.hosts).',
    },
  );
}
