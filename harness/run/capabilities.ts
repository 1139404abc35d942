import type { Criterion, Need } from '../model/criterion.ts';
import type { Capability, Incapacities } from '../model/environment.ts';
import type { Target } from '../model/target.ts';
import { provides } from './requirements.ts';

/** What is known of an environment's limits: before the run from the plan, afterwards from the environment itself. */
export interface Limits {
  readonly cannot: Incapacities;
  /** Every store; `adminUrl` null: there is no way in beside the service's own role. */
  readonly stores: readonly { readonly name: string; readonly kind: string; readonly adminUrl: string | null }[];
}

/** Why the environment does not let this criterion be measured, in full sentences; null when it does. */
export function missingCapabilities(criterion: Pick<Criterion, 'needs'>, target: Target, limits: Limits): string | null {
  const wanted = (criterion.needs ?? []).filter(({ when }) => when === undefined || provides(target, when));
  const beyondHelp = wanted.flatMap(({ capability }) => (capability === 'admin' ? [] : lacking(capability, limits)));
  // An address that is missing can be given; where that would not help, there is no point in asking for it.
  const reasons = beyondHelp.length > 0 ? beyondHelp : wanted.flatMap((need) => withoutAdmin(need, limits));
  return reasons.length === 0 ? null : [...new Set(reasons)].join(' ');
}

function lacking(capability: Capability, { cannot }: Limits): readonly string[] {
  const reason = cannot[capability];
  return reason === undefined ? [] : [reason];
}

/** A kind stands for its first store: that is the one the checks work with. */
function withoutAdmin({ capability, of }: Need, { cannot, stores }: Limits): readonly string[] {
  if (capability !== 'admin') return [];
  const first = stores.find(({ kind }) => kind === of);
  const meant = of === undefined ? stores : first === undefined ? [] : [first];
  return meant
    .filter(({ adminUrl }) => adminUrl === null)
    .map(
      ({ name }) =>
        cannot[`admin:${name}`] ?? cannot.admin ?? `There is no \`adminUrl\` for "${name}", a way in beside the service's own role.`,
    );
}
