import { addressProblem } from '../model/addresses.ts';
import type { Incapacities } from '../model/environment.ts';
import { MusterError } from '../model/errors.ts';
import { requireAllowedHosts } from '../model/hosts.ts';
import type { TargetService } from '../model/target.ts';
import { leftoversOf, removeDirectory } from './clean-up.ts';
import { externalCannot } from './external-limits.ts';
import { ExternalUnit } from './external-unit.ts';
import type { Provider, StartedEnvironment, StartOptions } from './provider.ts';
import { ServiceGroup } from './service-group.ts';

/** Every service says where it is; whether it answers there is found out by a run. */
export const suitsExternal: Provider['suits'] = ({ target }) => {
  const without = target.services.filter(hasNoAddress).map(({ name }) => name);
  const reason = without.length === 0 ? 'every service has a `url`' : `no usable \`url\` is given for ${without.join(', ')}`;
  return Promise.resolve({ suits: without.length === 0, reason });
};

/**
 * Looks whether the services answer at the addresses of the target file; starts, stops and changes nothing. One that does not answer
 * in time is a start failure, stores included: they are the target's own here. Leaves nothing behind but what the suites write.
 * @throws MusterError (config) for services without a usable `url` and for hosts that are not allowed.
 * @throws the signal's reason when it aborts.
 */
export async function startExternal(options: StartOptions): Promise<StartedEnvironment> {
  const cannot = { ...externalCannot(options.allow) };
  const group = externalGroup(options, cannot);
  try {
    options.signal.throwIfAborted();
    const units = unitsOf(options, cannot);
    for (const unit of units) group.add(unit);
    await Promise.all(units.map((unit) => lookAt(unit, group, options)));
    for (const { name, adminProblem } of units) if (adminProblem !== null) cannot[`admin:${name}`] = adminProblem;
    Object.assign(group.facts, versionsOf(units));
    return group;
  } catch (error) {
    await group[Symbol.asyncDispose]();
    throw options.signal.aborted ? options.signal.reason : error;
  }
}

function externalGroup({ runDir, ledger }: StartOptions, cannot: Incapacities): ServiceGroup {
  const group = new ServiceGroup({
    provider: 'external',
    cannot,
    dependsOn: new Map(),
    facts: {},
    cleanUp: async () => void (await removeDirectory(runDir)),
    leftovers: () => Promise.resolve(leftoversOf({ runId: ledger.runId, entries: ledger.entries() })),
  });
  group.reason = 'addresses given by the target file';
  return group;
}

function unitsOf({ target, allow }: StartOptions, cannot: Incapacities): readonly ExternalUnit[] {
  const unusable = target.services.filter(hasNoAddress);
  if (unusable.length > 0) throw withoutAddress(unusable);
  requireAllowedHosts(target.services.flatMap(addressesOf), allow.hosts);
  return target.services.map((service) => new ExternalUnit(service, service.url ?? '', cannot));
}

/** A `url` may be meant for another provider, with placeholders that only that one fills. */
function hasNoAddress({ kind, url }: TargetService): boolean {
  return url === null || addressProblem(kind, url) !== null;
}

function addressesOf(service: TargetService): readonly string[] {
  return [service.url, service.kind === 'http' ? null : service.adminUrl].filter((address) => address !== null);
}

async function lookAt(unit: ExternalUnit, group: ServiceGroup, { signal, onProgress }: StartOptions): Promise<void> {
  const failure = await unit.launch(signal);
  if (failure === null) return onProgress(`answered after ${String(Math.round(unit.answeredMs ?? 0))} ms`, unit.name);
  group.startFailures.set(unit.name, failure);
  onProgress(`does not answer: ${failure.reason}`, unit.name);
}

/** `postgres.version`, `redis.version`: of the first store of a kind; of another one under its own name. */
function versionsOf(units: readonly ExternalUnit[]): Readonly<Record<string, string>> {
  const stores = units.filter(({ kind }) => kind !== 'http');
  const entries = stores.flatMap((unit) => {
    const isFirst = stores.find(({ kind }) => kind === unit.kind) === unit;
    return unit.version === null ? [] : [[`${isFirst ? unit.kind : unit.name}.version`, unit.version] as const];
  });
  return Object.fromEntries(entries);
}

function withoutAddress(services: readonly TargetService[]): MusterError {
  const names = services.map(({ name }) => `"${name}"`).join(', ');
  return new MusterError(`The provider external does not know where ${names} can be found: the target file gives no usable \`url\`.`, {
    code: 'MUSTER_NO_ADDRESS',
    blame: 'config',
    hint: 'Write services.<name>.url, or choose another --provider.',
  });
}
