import { replaceAddressSecrets, type AddressSecret } from '../model/address-secrets.ts';
import { isSecretPath } from '../model/secret-names.ts';
import { mapTexts, referenceTo, type LoadTask } from '../workers/index.ts';

const REFERENCE = /\$\{secret:/u;
/** What is left of a header that holds no secret of its own: a scheme, and what each call fills in. */
const NO_SECRET = /\$\{[^}]*\}|\b(?:Bearer|Basic|Token|ApiKey|Key)\b|\s/giu;
const SHORTEST_SECRET = 4;

export interface KnownSecrets {
  /** Values that came from the environment, or were seen in addresses. */
  readonly values: ReadonlySet<string>;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * A copy of a task that may leave this machine: only what a load needs of the target, and a reference in the place of every secret. It
 * has the name of the environment variable that the secret came from; without one, that of the place where it stands.
 */
export function taskWithReferences(task: LoadTask, { values, env }: KnownSecrets): LoadTask {
  const longestFirst = [...values].filter(({ length }) => length >= SHORTEST_SECRET).toSorted((a, b) => b.length - a.length);
  const nameOf = (secret: string, path: readonly string[]): string =>
    Object.keys(env).find((name) => env[name] === secret && /^[A-Za-z0-9_]+$/u.test(name)) ?? nameOfPlace(path);
  return mapTexts(needed(task), (text, path) => {
    const place = placeOf(path);
    const known = longestFirst.reduce((clean, secret) => clean.replaceAll(secret, () => referenceTo(nameOf(secret, place))), text);
    const addresses = replaceAddressSecrets(known, (secret) =>
      secret.text.startsWith('$') ? secret.text : referenceTo(nameOf(secret.text, placeWithin(place, secret))),
    );
    const literal = isSecretPath(path) && !REFERENCE.test(addresses) && addresses.replace(NO_SECRET, '').length >= SHORTEST_SECRET;
    return literal ? referenceTo(nameOf(text, place)) : addresses;
  }) as LoadTask;
}

/** How services are started is nobody's business elsewhere; of the addresses, services are reached by `urls` and stores by `adminUrls`. */
function needed(task: LoadTask): LoadTask {
  const services = task.target.services.map((service) => {
    if (service.kind !== 'http') return { ...service, url: null, adminUrl: null };
    return { ...service, url: null, build: null, command: [], containerCommand: null, cwd: '', env: {} };
  });
  const stores = new Set(services.filter(({ kind }) => kind !== 'http').map(({ name }) => name));
  const urls = Object.fromEntries(Object.entries(task.urls).filter(([name]) => !stores.has(name)));
  return { ...task, urls, target: { ...task.target, services } };
}

/** `adminUrls.postgres` → `POSTGRES_ADMIN_PASSWORD`. */
function placeOf(path: readonly string[]): readonly string[] {
  const [first, service = ''] = path;
  if (first === 'adminUrls') return [service, 'admin', 'password'];
  return first === 'urls' ? [service, 'password'] : path.filter((part) => part !== 'target');
}

/** `adminUrls.cache` with `?sslpassword=` → `CACHE_ADMIN_SSLPASSWORD`. */
function placeWithin(place: readonly string[], { kind, name }: AddressSecret): readonly string[] {
  if (kind === 'password') return place;
  const address = place.at(-1) === 'password' ? place.slice(0, -1) : place;
  return [...address, kind === 'user' ? 'user' : name];
}

function nameOfPlace(path: readonly string[]): string {
  return path
    .join('_')
    .replaceAll(/[^A-Za-z0-9]+/gu, '_')
    .toUpperCase();
}
