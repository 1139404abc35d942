import { isIP } from 'node:net';
import { connect, type PeerCertificate } from 'node:tls';
import { MusterError } from '../model/errors.ts';
import type { SecureAddress } from './probes.ts';

const LOOK_MS = 2_000;
const NAME_CODE = 'ERR_TLS_CERT_ALTNAME_INVALID';
/** The server's own doing, whatever the target file says. */
const OUT_OF_TIME: Readonly<Record<string, string>> = { CERT_HAS_EXPIRED: 'has run out', CERT_NOT_YET_VALID: 'is not valid yet' };
/** What a server says that asks who we are and does not like the answer, or the silence. */
const WANTS_CERTIFICATE = /ALERT_(?:CERTIFICATE_REQUIRED|BAD_CERTIFICATE|CERTIFICATE_UNKNOWN|UNKNOWN_CA|HANDSHAKE_FAILURE)/u;

interface Asked extends SecureAddress {
  readonly name: string;
  /** What a probe saw. */
  readonly seen: string;
}

interface Look {
  /** Why it is not accepted. */
  readonly code: string;
  readonly certificate: PeerCertificate;
}

/**
 * Why a service whose probe failed cannot be spoken to in confidence, in a full sentence, when that is the service's own doing. null: its
 * certificate is not the reason.
 * @throws MusterError MUSTER_CERTIFICATE (config) when the target file has to say whom to trust, which name to expect, or who we are.
 */
export async function certificateFinding(asked: Asked): Promise<string | null> {
  const { name, seen } = asked;
  if (WANTS_CERTIFICATE.test(seen))
    throw notAccepted(
      `"${name}" at ${shown(asked)} does not accept the certificate of Muster, or the lack of one: ${seen}.`,
      `Set services.${name}.tls.cert and services.${name}.tls.key to a certificate that it accepts.`,
    );
  const look = await lookAt(asked);
  if (look === null) return null;
  const { code, certificate } = look;
  const who = `it is for ${namesOf(certificate)}, issued by ${oneLine(certificate.issuer)}`;
  const outOfTime = OUT_OF_TIME[code];
  if (outOfTime !== undefined)
    return `The certificate of "${name}" at ${shown(asked)} ${outOfTime} (${code}): valid from ${certificate.valid_from} to ${certificate.valid_to}; ${who}.`;
  if (code === NAME_CODE)
    throw notAccepted(
      `The certificate of "${name}" is not for ${expectedName(asked)} (${code}): ${who}.`,
      `Write the name that it is for into services.${name}.url, or set services.${name}.tls.serverName to it.`,
    );
  throw notAccepted(
    `The certificate of "${name}" at ${shown(asked)} is not trusted (${code}): ${who}.`,
    `Set services.${name}.tls.ca to the certificate of the authority that issued it, as PEM; if that is a known one, let the server send its whole chain.`,
  );
}

/** Reads the certificate and hangs up: nothing is sent, so that it need not be trusted for that. null: it is accepted, or there is none. */
function lookAt({ url, tls }: SecureAddress): Promise<Look | null> {
  const { hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/gu, '');
  return new Promise((resolve) => {
    const socket = connect({ host, port: port === '' ? 443 : Number(port), ...named(host), ...tls, rejectUnauthorized: false });
    const settle = (look: Look | null): void => {
      socket.destroy();
      resolve(look);
    };
    socket.setTimeout(LOOK_MS, () => settle(null));
    socket.on('error', () => settle(null)); // the probe has told of it
    socket.once('secureConnect', () => {
      const error: unknown = socket.authorizationError;
      settle(
        socket.authorized
          ? null
          : { code: error instanceof Error ? error.message : String(error), certificate: socket.getPeerCertificate() },
      );
    });
  });
}

/** An address is not sent as a name (RFC 6066). */
function named(host: string): { readonly servername?: string } {
  return isIP(host) === 0 ? { servername: host } : {};
}

function expectedName({ url, tls }: SecureAddress): string {
  return tls.servername ?? new URL(url).hostname;
}

function namesOf({ subject, subjectaltname }: PeerCertificate): string {
  return [oneLine(subject), ...(subjectaltname === undefined ? [] : [subjectaltname])].filter((text) => text !== '').join(', ');
}

function oneLine(name: PeerCertificate['subject']): string {
  return Object.entries(name)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(', ');
}

function shown({ url }: SecureAddress): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}

function notAccepted(problem: string, hint: string): MusterError {
  return new MusterError(problem, { code: 'MUSTER_CERTIFICATE', blame: 'config', hint });
}
