import { inDatabaseOf } from '../../model/addresses.ts';
import { fillEnv, fillText } from '../../model/template.ts';
import { messageOf } from '../../model/errors.ts';
import type { TargetService } from '../../model/target.ts';
import type { Env } from '../binaries.ts';
import { HOST } from '../placeholders.ts';
import type { ComposeService } from './config.ts';

type Store = Exclude<TargetService, { readonly kind: 'http' }>;

export interface StoreAccess {
  readonly url: string;
  /** null: the harness has no way in of its own. */
  readonly adminUrl: string | null;
  readonly secrets: readonly string[];
}

/** What the target file's `url` may name. */
export interface AddressVariables {
  /** As MUSTER_SECRET in the compose file. */
  readonly secret: string;
  readonly env: Env;
}

const PROTOCOLS = { postgres: ['postgres:', 'postgresql:'], redis: ['redis:'] } as const;

/**
 * How the harness reaches a store: what the target file says with the published address in place of host and port, else what the
 * compose file says of user and password. A text is what is wrong.
 */
export function storeAccess(store: Store, compose: ComposeService, port: number, variables: AddressVariables): StoreAccess | string {
  const derived = store.kind === 'postgres' ? postgresUrl(compose, port) : redisUrl(compose, port, store.db);
  const url = store.url === null ? derived : publishedUrl(store, 'url', port, variables);
  if (url === null) {
    return `nothing says how to reach "${store.name}": the compose file gives no POSTGRES_PASSWORD, and the target file no services.${store.name}.url`;
  }
  if ('mistake' in url) return url.mistake;
  const admin = store.adminUrl === null ? derived : publishedUrl(store, 'adminUrl', port, variables);
  if (admin !== null && 'mistake' in admin) return admin.mistake;
  const adminUrl = admin === null ? null : sameDatabase(store, admin.url, url.url);
  return { url: url.url, adminUrl, secrets: [...new Set([url.url, adminUrl].flatMap(passwordOf))] };
}

type Url = { readonly url: string } | { readonly mistake: string };

function publishedUrl(store: Store, field: 'url' | 'adminUrl', port: number, { secret, env }: AddressVariables): Url {
  const where = `services.${store.name}.${field}`;
  const { text, missing } = fillEnv(store[field] ?? '', env);
  if (missing.length > 0) return { mistake: `${where} names the environment variable ${missing.join(', ')}, which is not set` };
  try {
    return rewritten(store, where, fillText(text, { secret }), port);
  } catch (error) {
    return { mistake: `${where}: ${messageOf(error)}` };
  }
}

function rewritten({ kind }: Store, where: string, text: string, port: number): Url {
  const url = URL.canParse(text) ? new URL(text) : null;
  const protocols: readonly string[] = PROTOCOLS[kind];
  if (url === null || !protocols.includes(url.protocol)) {
    return {
      mistake: `${where} is no address of a ${kind === 'postgres' ? 'Postgres' : 'Redis'}: ${protocols[0] ?? ''}//user:password@host/… was expected`,
    };
  }
  // An address without a host cannot take one by assignment.
  const { protocol, username, password, pathname, search } = url;
  const user = username === '' && password === '' ? '' : `${username}${password === '' ? '' : `:${password}`}@`;
  return { url: `${protocol}//${user}${HOST}:${String(port)}${pathname}${search}` };
}

/** As the official image reads them. null: it was given no password to know. */
function postgresUrl({ environment }: ComposeService, port: number): { readonly url: string } | null {
  const user = environment['POSTGRES_USER'] ?? 'postgres';
  const password = environment['POSTGRES_PASSWORD'] ?? null;
  const trusted = environment['POSTGRES_HOST_AUTH_METHOD'] === 'trust';
  if (password === null && !trusted) return null;
  const login = `${encodeURIComponent(user)}${password === null ? '' : `:${encodeURIComponent(password)}`}`;
  return { url: `postgres://${login}@${HOST}:${String(port)}/${encodeURIComponent(environment['POSTGRES_DB'] ?? user)}` };
}

function redisUrl({ command, environment }: ComposeService, port: number, db: number): { readonly url: string } {
  const asked = /--requirepass[=\s]+["']?([^\s"']+)/.exec(command.join(' '))?.[1];
  const password = asked ?? environment['REDIS_PASSWORD'] ?? null;
  return { url: `redis://${password === null ? '' : `:${encodeURIComponent(password)}@`}${HOST}:${String(port)}/${String(db)}` };
}

/** The harness looks into the database that the target uses. */
function sameDatabase({ kind }: Store, adminUrl: string, url: string): string {
  return kind === 'redis' ? adminUrl : inDatabaseOf(url, adminUrl);
}

function passwordOf(url: string | null): string[] {
  const password = url === null ? '' : new URL(url).password;
  return password === '' ? [] : [password, decodeURIComponent(password)];
}
