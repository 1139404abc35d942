import { isIPv4 } from 'node:net';
import { MusterError } from './errors.ts';

/** A host as it is compared: lower case, an IPv6 address without its brackets. */
export function bareHost(hostname: string): string {
  return hostname.toLowerCase().replace(/^\[(.*)\]$/, '$1');
}

/** 127.0.0.0/8, ::1 and `localhost`; nothing is looked up. */
export function isLoopback(hostname: string): boolean {
  const host = bareHost(hostname);
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

/** Whether Muster may talk to a host: it is loopback, or in the list, by its exact name or under `*.suffix`. */
export function isAllowedHost(hostname: string, allowed: readonly string[]): boolean {
  const host = bareHost(hostname);
  if (isLoopback(host)) return true;
  return allowed.map(bareHost).some((entry) => (entry.startsWith('*.') ? host.endsWith(entry.slice(1)) : host === entry));
}

/**
 * Nothing is sent to a host that nobody allowed, whichever way its address came here.
 * @throws MusterError MUSTER_HOST_NOT_ALLOWED (config) with every such host.
 */
export function requireAllowedHosts(addresses: readonly string[], allowed: readonly string[]): void {
  const hosts = addresses.map((address) => bareHost(new URL(address).hostname)).filter((host) => !isAllowedHost(host, allowed));
  if (hosts.length === 0) return;
  const named = [...new Set(hosts)];
  throw new MusterError(`Nothing may be sent to ${named.join(', ')}: neither loopback nor in \`allow.hosts\`.`, {
    code: 'MUSTER_HOST_NOT_ALLOWED',
    blame: 'config',
    hint: `If that is meant, write allow: { hosts: [${[...allowed, ...named].map((host) => JSON.stringify(host)).join(', ')}] } in the configuration.`,
  });
}
