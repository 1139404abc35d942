import { fillText, type Variables } from '../model/template.ts';

export interface Address {
  readonly url: string;
  readonly port: number;
}

export const HOST = '127.0.0.1';

/** What `${…}` may name in the command and environment of `service`; known before anything is started. */
function startVariables(service: string, addresses: ReadonlyMap<string, Address>, host: string): Variables {
  const variables: Record<string, string | number> = { host };
  for (const [name, { url, port }] of addresses) {
    variables[`${name}.url`] = url;
    variables[`${name}.port`] = port;
    if (name === service) variables['port'] = port;
  }
  return variables;
}

/** Fills command and environment values; `${host}` is what the service listens on. @throws MusterError MUSTER_UNKNOWN_VARIABLE (config) for a placeholder that names nothing. */
export function fillStart(
  service: { readonly name: string; readonly command: readonly string[]; readonly env: Readonly<Record<string, string>> },
  addresses: ReadonlyMap<string, Address>,
  host = HOST,
): { readonly command: readonly string[]; readonly env: Readonly<Record<string, string>> } {
  const variables = startVariables(service.name, addresses, host);
  return {
    command: service.command.map((word) => fillText(word, variables)),
    env: Object.fromEntries(Object.entries(service.env).map(([key, value]) => [key, fillText(value, variables)])),
  };
}
