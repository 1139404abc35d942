import { decoded, replaceAddressSecrets, type AddressSecret } from '../model/address-secrets.ts';

/** Values of a parameter that say how something is done, whatever its name. */
const SWITCH = /^(?:true|false|yes|no|on|off|none|null|required?|disabled?|enabled?|basic|bearer|\d{1,3})$/iu;

/**
 * The secrets of addresses within a text, as written and decoded. A password that is the user's name or a store's (`postgres:postgres@`)
 * hides nothing, and removing it everywhere would make a report unreadable; within an address even that is hidden.
 */
export function passwordsIn(text: string): readonly string[] {
  const found = new Set<string>();
  replaceAddressSecrets(text, (secret) => {
    if (hidesSomething(secret)) for (const form of [secret.text, decoded(secret.text)]) found.add(form);
    return secret.text;
  });
  return [...found];
}

function hidesSomething({ text, kind, name }: AddressSecret): boolean {
  if (text.includes('${')) return false;
  return kind === 'query' ? !SWITCH.test(text) : !['postgres', 'redis', name].includes(text);
}
