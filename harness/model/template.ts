import { MusterError } from './errors.ts';
import type { JsonTemplate } from './target.ts';

/** What `${name}` stands for. Objects and lists are allowed only where the placeholder is a whole JSON value. */
export type Variables = Readonly<Record<string, JsonTemplate>>;

/** `$${x}` is the escaped form and yields the text `${x}`. */
const PLACEHOLDER = /\$(\$)?\{([^{}]*)\}/g;
const WHOLE = /^\$\{([^{}]*)\}$/;
const ENV_PREFIX = 'env.';
/** Stays as it is when percent-encoded. */
const PLAIN_PATH = /^[\w.~-]*$/;

/** Names in `${…}` of a text or JSON template (keys excluded), each once, in order of appearance. */
export function placeholdersIn(template: JsonTemplate): readonly string[] {
  const names = new Set<string>();
  visitStrings(template, (text) => {
    for (const [, escaped, name = ''] of text.matchAll(PLACEHOLDER)) if (escaped === undefined) names.add(name.trim());
  });
  return [...names];
}

/** @throws MusterError MUSTER_UNKNOWN_VARIABLE when a placeholder has no variable, or one that is not plain text. */
export function fillText(template: string, variables: Variables): string {
  return fillEach(template, variables, (value) => value);
}

/** As `fillText`, with every variable percent-encoded, so that it stays within its path segment or query value. */
export function fillPath(template: string, variables: Variables): string {
  return fillEach(template, variables, encodePathPart);
}

export function encodePathPart(value: string): string {
  // Buffer replaces lone surrogates, on which encodeURIComponent would throw.
  return PLAIN_PATH.test(value) ? value : encodeURIComponent(Buffer.from(value, 'utf8').toString('utf8'));
}

/** As `fillText` for a header value: characters a header cannot carry are percent-encoded. */
export function fillHeader(template: string, variables: Variables): string {
  return fillEach(template, variables, encodeHeaderPart);
}

export function encodeHeaderPart(value: string): string {
  return value.replace(/[^\t\x20-\x7e]/gu, (character) => encodeURIComponent(Buffer.from(character, 'utf8').toString('utf8')));
}

/** Fills every text of a JSON template. A text that is one placeholder alone takes the variable's value with its type. */
export function fillJson(template: JsonTemplate, variables: Variables): JsonTemplate {
  return mapStrings(template, (text) => {
    const name = WHOLE.exec(text)?.[1];
    return name === undefined ? fillText(text, variables) : variableOf(name.trim(), variables, text);
  });
}

export type EnvValues = Readonly<Record<string, string | undefined>>;

export interface EnvFill {
  readonly text: string;
  /** Names without a value and without a default; left unfilled. */
  readonly missing: readonly string[];
  /** Names whose value was taken from the environment. */
  readonly used: readonly string[];
}

/** Fills `${env.NAME}` and `${env.NAME:-default}`; every other placeholder stays as it is. An empty variable counts as unset. */
export function fillEnv(template: string, env: EnvValues): EnvFill {
  const missing: string[] = [];
  const used: string[] = [];
  const text = template.replace(PLACEHOLDER, (whole, escaped: string | undefined, inner: string) => {
    if (escaped !== undefined || !inner.startsWith(ENV_PREFIX)) return whole;
    const [name = '', ...rest] = inner.slice(ENV_PREFIX.length).split(':-');
    const value = Object.hasOwn(env, name) ? env[name] : undefined;
    if (value !== undefined && value !== '') {
      used.push(name);
      return value;
    }
    if (rest.length > 0) return rest.join(':-');
    missing.push(name);
    return whole;
  });
  return { text, missing, used };
}

/** Literal text, or a placeholder by its name. */
export type TextPart = string | { readonly name: string };

/** The parts of a text template, in order; for those who fill the same template many times. */
export function partsOf(template: string): readonly TextPart[] {
  const parts: TextPart[] = [];
  let from = 0;
  for (const match of template.matchAll(PLACEHOLDER)) {
    const [whole, escaped, name = ''] = match;
    parts.push(template.slice(from, match.index) + (escaped === undefined ? '' : whole.slice(1)));
    if (escaped === undefined) parts.push({ name: name.trim() });
    from = match.index + whole.length;
  }
  return [...parts, template.slice(from)].filter((part) => part !== '');
}

function fillEach(template: string, variables: Variables, encode: (value: string) => string): string {
  return template.replace(PLACEHOLDER, (whole, escaped: string | undefined, name: string) => {
    if (escaped !== undefined) return whole.slice(1);
    const value = variableOf(name.trim(), variables, template);
    if (typeof value === 'object' && value !== null) throw notText(name, template);
    return encode(String(value));
  });
}

function variableOf(name: string, variables: Variables, template: string): JsonTemplate {
  const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
  if (value !== undefined) return value;
  const known = Object.keys(variables);
  throw new MusterError(`"${template}" uses the variable "${name}", which has no value here.`, {
    code: 'MUSTER_UNKNOWN_VARIABLE',
    blame: 'config',
    hint: `Use one of: ${known.length === 0 ? 'none is known here' : known.join(', ')}; write $\${${name}} for the text itself.`,
  });
}

function notText(name: string, template: string): MusterError {
  return new MusterError(`"${template}" puts the variable "${name}" into text, but its value is a list or an object.`, {
    code: 'MUSTER_UNKNOWN_VARIABLE',
    blame: 'config',
    hint: `Write "\${${name}}" alone as a JSON value.`,
  });
}

function visitStrings(template: JsonTemplate, visit: (text: string) => void): void {
  mapStrings(template, (text) => {
    visit(text);
    return text;
  });
}

function mapStrings(template: JsonTemplate, change: (text: string) => JsonTemplate): JsonTemplate {
  if (typeof template === 'string') return change(template);
  if (typeof template !== 'object' || template === null) return template;
  if (isList(template)) return template.map((item) => mapStrings(item, change));
  return Object.fromEntries(Object.entries(template).map(([key, value]) => [key, mapStrings(value, change)]));
}

/** Array.isArray does not narrow readonly arrays. */
function isList(template: object): template is readonly JsonTemplate[] {
  return Array.isArray(template);
}
