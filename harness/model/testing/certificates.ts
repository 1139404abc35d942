import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { isIPv4 } from 'node:net';

/**
 * Certificates for the servers of tests, made when they are needed: none that would run out, and no private key in the repository. By hand,
 * because Node signs but does not write certificates, and openssl is not on every machine.
 */
export interface Certificate {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
}

interface Subject {
  readonly name: string;
  /** Names and IPv4 addresses it is for. */
  readonly hosts?: readonly string[];
  /** Days from now; in the past: it has run out. */
  readonly days?: number;
}

export interface Authority {
  readonly cert: string;
  issue(subject: Subject): Certificate;
}

const DAY_MS = 86_400_000;
const LONG_AGO_MS = 400 * DAY_MS;

export function createAuthority(name: string): Authority {
  const pair = newKeys();
  const isAuthority = extension('551d13', sequence(tlv(0x01, Buffer.from([0xff]))));
  const cert = certificateOf({ name }, { issuer: name, key: pair.publicKey, signer: pair.privateKey, extensions: [isAuthority] });
  return {
    cert,
    issue(subject) {
      const own = newKeys();
      const names = (subject.hosts ?? []).map((host) =>
        isIPv4(host) ? tlv(0x87, Buffer.from(host.split('.').map(Number))) : tlv(0x82, Buffer.from(host)),
      );
      const extensions = names.length === 0 ? [] : [extension('551d11', sequence(...names))];
      return {
        cert: certificateOf(subject, { issuer: name, key: own.publicKey, signer: pair.privateKey, extensions }),
        key: own.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      };
    },
  };
}

function newKeys(): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

interface Signing {
  readonly issuer: string;
  readonly key: KeyObject;
  readonly signer: KeyObject;
  readonly extensions: readonly Buffer[];
}

/** X.509 version 3, RFC 5280. */
function certificateOf({ name, days = 30 }: Subject, { issuer, key, signer, extensions }: Signing): string {
  const ecdsaWithSha256 = sequence(tlv(0x06, Buffer.from('2a8648ce3d040302', 'hex')));
  const serial = Buffer.concat([Buffer.from([0x01]), randomBytes(8)]);
  const body = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, serial),
    ecdsaWithSha256,
    nameOf(issuer),
    sequence(timeOf(Date.now() - LONG_AGO_MS), timeOf(Date.now() + days * DAY_MS)),
    nameOf(name),
    key.export({ type: 'spki', format: 'der' }),
    ...(extensions.length === 0 ? [] : [tlv(0xa3, sequence(...extensions))]),
  );
  const signature = tlv(0x03, Buffer.from([0]), sign('sha256', body, signer));
  const lines =
    sequence(body, ecdsaWithSha256, signature)
      .toString('base64')
      .match(/.{1,64}/gu) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function nameOf(commonName: string): Buffer {
  return sequence(tlv(0x31, sequence(tlv(0x06, Buffer.from('550403', 'hex')), tlv(0x0c, Buffer.from(commonName)))));
}

/** UTCTime: good until 2049. */
function timeOf(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/\.\d+|[-:T]/gu, '');
  return tlv(0x17, Buffer.from(digits.slice(2)));
}

function extension(id: string, value: Buffer): Buffer {
  return sequence(tlv(0x06, Buffer.from(id, 'hex')), tlv(0x04, value));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tlv(0x30, ...parts);
}

/** DER: tag, length, value. */
function tlv(tag: number, ...parts: readonly Buffer[]): Buffer {
  const value = Buffer.concat(parts);
  if (value.length < 0x80) return Buffer.concat([Buffer.from([tag, value.length]), value]);
  const length = Buffer.from(value.length.toString(16).padStart(value.length > 0xff ? 4 : 2, '0'), 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, value]);
}
