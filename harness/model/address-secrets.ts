import { isSecretName } from './secret-names.ts';

/** A secret within an address, as it is written there. */
export interface AddressSecret {
  readonly text: string;
  /** `user`: a name without a password, which is how a token is given (`https://token@host`). `query`: the value of a parameter. */
  readonly kind: 'password' | 'user' | 'query';
  /** Of the parameter; of a password, the user's name. */
  readonly name: string;
}

/** Up to the next blank or the next address. */
const ADDRESS = /\b([a-z][a-z0-9+.-]{0,20}):\/\/((?:(?!\b[a-z][a-z0-9+.-]{0,20}:\/\/)\S)+)/giu;
const QUERY_VALUE = /([?&]([^\s=&#?"'<>]{1,100})=)([^\s&#"'<>`]+)/gu;
/** The user of a store is no secret without the password; where HTTP is spoken, a name alone is a key. */
const NAME_IS_KEY = /^(?:https?|wss?)$/iu;

/** A text with the secrets of all addresses in it changed, and those of a path with a query; `change` is called with each. */
export function replaceAddressSecrets(text: string, change: (secret: AddressSecret) => string): string {
  const users = text.includes('://')
    ? text.replace(ADDRESS, (whole, scheme: string, rest: string) => {
        const end = endOfCredentials(scheme, rest);
        return end <= 0 ? whole : `${scheme}://${changed(scheme, rest.slice(0, end), change)}${rest.slice(end)}`;
      })
    : text;
  return users.replace(QUERY_VALUE, (whole, before: string, name: string, value: string) =>
    isSecretName(decoded(name)) ? `${before}${change({ text: value, kind: 'query', name: decoded(name) })}` : whole,
  );
}

/** As it was meant; as it is when it is not encoded. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Where the `@` stands before the host; -1: there is none. */
function endOfCredentials(scheme: string, rest: string): number {
  const authority = /^[^/?#"'<>`]*/u.exec(rest)?.[0] ?? '';
  const at = authority.lastIndexOf('@');
  if (at >= 0) return at;
  // What is not an address so far has been cut within a password that is not encoded.
  return authority === '' || URL.canParse(`${scheme}://${authority}`) ? -1 : rest.lastIndexOf('@');
}

function changed(scheme: string, credentials: string, change: (secret: AddressSecret) => string): string {
  const [user = ''] = credentials.split(':', 1);
  const password = credentials.slice(user.length + 1);
  if (password !== '') return `${user}:${change({ text: password, kind: 'password', name: user })}`;
  if (!NAME_IS_KEY.test(scheme)) return credentials;
  return `${change({ text: user, kind: 'user', name: '' })}${credentials.slice(user.length)}`;
}
