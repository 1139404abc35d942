export type Env = Readonly<Record<string, string | undefined>>;

/** A setting that is missing or wrong: the process prints the message and exits with 64. */
export class SettingError extends Error {
  override readonly name = 'SettingError';
}

/** @throws SettingError when the variable is unset or empty. */
export function requiredText(env: Env, name: string): string {
  const value = env[name];
  if (value === undefined || value === '') throw new SettingError(`${name} is not set`);
  return value;
}

export interface IntegerRange {
  readonly fallback: number;
  readonly min: number;
  readonly max: number;
}

/** @throws SettingError when the value is not a whole number within the range. */
export function integer(env: Env, name: string, { fallback, min, max }: IntegerRange): number {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new SettingError(`${name} is "${text}"; expected a whole number from ${min} to ${max}`);
  }
  return value;
}

/** Words of a comma list, without empty ones. */
export function list(env: Env, name: string): readonly string[] {
  return (env[name] ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

/** `role=url,role=url`. @throws SettingError when a part has no name or no URL. */
export function urlsByName(env: Env, name: string): ReadonlyMap<string, string> {
  return new Map(
    list(env, name).map((part) => {
      const at = part.indexOf('=');
      const url = part.slice(at + 1);
      if (at < 1 || !URL.canParse(url)) throw new SettingError(`${name} has "${part}"; expected name=http://host:port`);
      return [part.slice(0, at), url] as const;
    }),
  );
}

export interface Listen {
  readonly host: string;
  readonly port: number;
}

/** HOST (loopback unless told) and PORT (0 takes a free one). */
export function listenAddress(env: Env): Listen {
  return { host: env['HOST'] || '127.0.0.1', port: integer(env, 'PORT', { fallback: 0, min: 0, max: 65_535 }) };
}

/** `on` or `off`; off when it is not set. @throws SettingError for anything else. */
export function onOff(env: Env, name: string): boolean {
  const text = env[name] || 'off';
  if (text !== 'on' && text !== 'off') throw new SettingError(`${name} is "${text}"; expected on or off`);
  return text === 'on';
}

const SECRET = /^[\x21-\x7e]{32,256}$/;

/** @throws SettingError, which does not show the value, when it is too short to be a secret or could not be sent in a header. */
export function secret(env: Env, name: string): string {
  const value = requiredText(env, name);
  if (!SECRET.test(value))
    throw new SettingError(`${name} has ${value.length} characters; expected 32 to 256 printable ones without a space`);
  return value;
}
