const SECRET_NAME = /passw(?:or)?d|passphrase|[._-]pass$|pwd|token(?!s)|secret|credential|[._-]key$|auth(?:orization)?$|cookie/i;
const SECRET_CAMEL = /[a-z]Key$/;
const CARRIERS = new Set(['env', 'headers', 'tls']);

/** Whether an environment variable or a key of this name usually holds a secret. `tokens` and a plain `key` do not: bindings use them. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) || SECRET_CAMEL.test(name);
}

/** Whether the value at this path is to be hidden; within `env`, `headers` and `tls` a plain `key` is one, too. */
export function isSecretPath(path: readonly PropertyKey[]): boolean {
  const last = String(path.at(-1) ?? '');
  return isSecretName(last) || (/^(?:.*key|tokens)$/i.test(last) && path.some((part) => CARRIERS.has(String(part))));
}
