import type { MixEntry } from '../../../load/index.ts';
import { MusterError } from '../../../model/errors.ts';
import type { OperationContext } from '../operation-context.ts';
import { optionsOf } from '../options.ts';

/**
 * The harness's own way into the store that an entry means: option `service`, else the first of its kind. It holds a password: for the
 * driver alone.
 * @throws MusterError MUSTER_NO_STORE when there is none.
 */
export function storeUrl(entry: MixEntry, kind: 'postgres' | 'redis', { target, adminUrl }: OperationContext): string {
  const name = optionsOf(entry).text('service') ?? target.services.find((service) => service.kind === kind)?.name;
  const url = name === undefined ? null : adminUrl(name);
  if (url !== null) return url;
  throw new MusterError(
    `The load operation "${entry.operation}" has no way into ${name === undefined ? `a service of kind ${kind}` : `"${name}"`}.`,
    {
      code: 'MUSTER_NO_STORE',
      blame: 'config',
      hint: `Give the ${kind} service an \`adminUrl\`, or let Muster start it.`,
    },
  );
}
