import { addressProblem, hostOf, type ServiceKind } from '../model/addresses.ts';
import { isAllowedHost } from '../model/hosts.ts';
import type { Finding } from './finding.ts';
import { entriesOf, valueAt } from './finding.ts';

interface Written {
  readonly path: readonly string[];
  readonly kind: ServiceKind;
  readonly address: string;
}

/** What keeps the provider external from using the addresses of a target: missing ones, ones that are none, hosts that are not allowed. */
export function lintAddresses(target: unknown, allowedHosts: readonly string[]): readonly Finding[] {
  const services = entriesOf(valueAt(target, ['services'])).flatMap(([name, service]) => {
    const kind = valueAt(service, ['kind']);
    return isKind(kind) ? [{ name, kind, service }] : [];
  });
  const missing = services.filter(({ service }) => valueAt(service, ['url']) === undefined);
  const written = services.flatMap(({ name, kind, service }) =>
    ['url', 'adminUrl'].flatMap((key): readonly Written[] => {
      const address = valueAt(service, [key]);
      return typeof address === 'string' ? [{ path: ['services', name, key], kind, address }] : [];
    }),
  );
  const usable = written.filter(({ kind, address }) => addressProblem(kind, address) === null);
  return [...missing.map(({ name }) => withoutUrl(name)), ...written.flatMap(notUsable), ...strangers(usable, allowedHosts)];
}

function withoutUrl(name: string): Finding {
  return {
    path: ['services', name],
    problem: 'has no `url`, which the provider external needs of every service',
    allowed: 'the address at which it runs; or another provider',
    shown: null,
  };
}

function notUsable({ path, kind, address }: Written): readonly Finding[] {
  const found = addressProblem(kind, address);
  return found === null ? [] : [{ path, ...found }];
}

/** Each of them names all hosts that are missing in the list, so that one correction is enough. */
function strangers(written: readonly Written[], allowedHosts: readonly string[]): readonly Finding[] {
  const found = written.filter(({ address }) => !isAllowedHost(hostOf(address), allowedHosts));
  const hosts = [...new Set(found.map(({ address }) => hostOf(address)))];
  const list = [...allowedHosts, ...hosts].map((host) => JSON.stringify(host)).join(', ');
  return found.map(({ path, address }) => ({
    path,
    problem: `is on the host ${hostOf(address)}, which is neither loopback nor in \`allow.hosts\``,
    allowed: `a loopback address; or, in the configuration, allow: { hosts: [${list}] }`,
  }));
}

function isKind(kind: unknown): kind is ServiceKind {
  return kind === 'http' || kind === 'postgres' || kind === 'redis';
}
