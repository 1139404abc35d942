import { createSecureContext, type SecureContext } from 'node:tls';
import type { TargetService } from './target-services.ts';

/** Variable of Node that names a file with authorities to trust besides its own: every process of a run must have the same. */
export const TRUSTED_FILE = 'NODE_EXTRA_CA_CERTS';

/** How TLS is spoken with a service, beyond what Node does by itself. Certificates and key are texts in PEM; null: not given. */
export interface TlsSettings {
  /** Authorities that are trusted instead of those that Node knows. */
  readonly ca: string | null;
  /** Who Muster is, for a service that asks. */
  readonly cert: string | null;
  readonly key: string | null;
  /** Name that the certificate must be for, when it is not the host of the address. */
  readonly serverName: string | null;
}

/** As the clients of Node take it. Whatever is in it, the certificate and its name are checked. */
export interface TlsOptions {
  /** One for all connections: reading the certificates anew for each would cost every handshake. */
  readonly secureContext?: SecureContext;
  readonly servername?: string;
}

/** @throws Error for texts that are no certificates; the configuration has been checked for that. */
export function tlsOptionsOf(tls: TlsSettings | null | undefined): TlsOptions {
  if (tls === null || tls === undefined) return {};
  const { ca, cert, key, serverName } = tls;
  const own = { ...(ca !== null && { ca }), ...(cert !== null && { cert }), ...(key !== null && { key }) };
  return {
    ...(Object.keys(own).length > 0 && { secureContext: createSecureContext(own) }),
    ...(serverName !== null && { servername: serverName }),
  };
}

/** The settings of a service; null: it has none. */
export function tlsOfService(services: readonly TargetService[], name: string): TlsSettings | null {
  const service = services.find((candidate) => candidate.name === name);
  return service?.kind === 'http' ? (service.tls ?? null) : null;
}

/** Options by service, made when they are first asked for. */
export function tlsByService(services: readonly TargetService[]): (name: string) => TlsOptions {
  const made = new Map<string, TlsOptions>();
  return (name) => {
    const known = made.get(name) ?? tlsOptionsOf(tlsOfService(services, name));
    made.set(name, known);
    return known;
  };
}
