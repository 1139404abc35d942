import { bareHost } from './hosts.ts';

/** What an address in a target file may look like, by the kind of service it leads to. */
interface AddressRule {
  readonly protocols: readonly string[];
  /** Parameters after `?`. Others are refused: the clients of the stores would let some of them replace host, port or password. */
  readonly parameters: readonly string[];
  readonly port: Readonly<Record<string, number>>;
  readonly example: string;
}

export type ServiceKind = 'http' | 'postgres' | 'redis';

const RULES: Readonly<Record<ServiceKind, AddressRule>> = {
  http: {
    protocols: ['http:', 'https:'],
    parameters: [],
    port: { 'http:': 80, 'https:': 443 },
    example: 'http://127.0.0.1:8000 or https://staging.example.com/api, without ? and #',
  },
  postgres: {
    protocols: ['postgres:', 'postgresql:'],
    parameters: ['ssl', 'sslmode', 'sslcert', 'sslkey', 'sslrootcert', 'sslnegotiation', 'uselibpqcompat', 'options'],
    port: { 'postgres:': 5432, 'postgresql:': 5432 },
    example: 'postgres://user:${env.PASSWORD}@host:5432/database?sslmode=require',
  },
  redis: {
    protocols: ['redis:', 'rediss:'],
    parameters: ['family'],
    port: { 'redis:': 6379, 'rediss:': 6379 },
    example: 'redis://user:${env.PASSWORD}@host:6379/0, or rediss:// for TLS',
  },
};

export interface AddressProblem {
  /** The rest of a sentence whose subject is the address. */
  readonly problem: string;
  readonly allowed: string;
}

/** What is wrong with the address of a service of this kind; null: it can be used. */
export function addressProblem(kind: ServiceKind, text: string): AddressProblem | null {
  const { protocols, parameters, example } = RULES[kind];
  const wrong = (problem: string): AddressProblem => ({ problem, allowed: example });
  const placeholder = /\$\{[^}]*\}?/.exec(text)?.[0];
  if (placeholder !== undefined) return wrong(`holds the placeholder \`${placeholder}\`, which has no value here`);
  if (!URL.canParse(text)) return wrong('is no address');
  const url = new URL(text);
  if (!protocols.includes(url.protocol)) return wrong(`is no address of kind ${kind}`);
  if (url.hostname === '' || url.hostname.includes('%')) return wrong('names no host');
  if (url.hash !== '') return wrong('has a part after #');
  const stranger = [...url.searchParams.keys()].find((name) => !parameters.includes(name));
  if (stranger !== undefined) return wrong(`has the parameter \`${stranger}\`, which is not accepted in an address`);
  return isDecodable(`${url.username}${url.password}${url.pathname}`) ? null : wrong('has a % that begins no encoded character');
}

/** The host of an address that can be used, as it is compared with `allow.hosts`. */
export function hostOf(address: string): string {
  return bareHost(new URL(address).hostname);
}

/** The port of an address that can be used, or the usual one of its protocol. */
export function portOf(kind: ServiceKind, address: string): number {
  const { port, protocol } = new URL(address);
  return port === '' ? (RULES[kind].port[protocol] ?? 0) : Number(port);
}

/** `localhost` as 127.0.0.1, so that nobody has to look it up; with TLS the name stays, because the certificate is for the name. */
export function withoutLocalhost(address: string): string {
  const url = new URL(address);
  const encrypted = ['https:', 'rediss:'].includes(url.protocol) || [...url.searchParams.keys()].some((name) => name.startsWith('ssl'));
  if (url.hostname.toLowerCase() !== 'localhost' || encrypted) return address;
  url.hostname = '127.0.0.1';
  return url.toString();
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false; // the clients would reject it with an error that says nothing
  }
}

/** The address `adminUrl` in the database that `url` leads to: an administrator's way in may lead to another one of the same server. */
export function inDatabaseOf(url: string, adminUrl: string): string {
  return Object.assign(new URL(adminUrl), { pathname: new URL(url).pathname }).toString();
}
