/** A small YAML document of maps, lists and plain values; lists are written in one line. */
export type YamlValue = string | number | boolean | null | readonly YamlValue[] | YamlMap | Tagged;

export interface YamlMap {
  readonly [key: string]: YamlValue;
}

/** A value with a tag of compose's own. */
export class Tagged {
  readonly tag: '!override' | '!reset';
  readonly value: YamlValue;

  constructor(tag: Tagged['tag'], value: YamlValue) {
    this.tag = tag;
    this.value = value;
  }
}

/** Replaces what earlier files say instead of merging with it. */
export function override(value: YamlValue): Tagged {
  return new Tagged('!override', value);
}

/** Takes away what earlier files say. */
export function reset(value: null | readonly YamlValue[]): Tagged {
  return new Tagged('!reset', value);
}

/** `entries` when it is so, else nothing. */
export function when(so: boolean, entries: YamlMap): YamlMap {
  return so ? entries : {};
}

export function mapOf(entries: readonly (readonly [string, YamlValue])[]): YamlMap {
  return Object.fromEntries(entries);
}

export function toYaml(map: YamlMap): string {
  return `${block(map, '').join('\n')}\n`;
}

function block(map: YamlMap, indent: string): string[] {
  return Object.entries(map).flatMap(([key, value]) => {
    const head = `${indent}${isPlain(key) ? key : flow(key)}:`;
    return isMap(value) && Object.keys(value).length > 0 ? [head, ...block(value, `${indent}  `)] : [`${head} ${flow(value)}`];
  });
}

function flow(value: YamlValue): string {
  if (value instanceof Tagged) return `${value.tag} ${flow(value.value)}`;
  // JSON is YAML; a single `$` would start a variable.
  if (typeof value === 'string') return JSON.stringify(value.replaceAll('$', '$$$$'));
  if (isList(value)) return `[${value.map(flow).join(', ')}]`;
  if (isMap(value)) {
    return `{${Object.entries(value)
      .map(([key, one]) => `${flow(key)}: ${flow(one)}`)
      .join(', ')}}`;
  }
  return String(value);
}

function isPlain(key: string): boolean {
  return /^[a-z_][\w.-]*$/i.test(key) && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(key);
}

function isMap(value: YamlValue): value is YamlMap {
  return typeof value === 'object' && value !== null && !isList(value) && !(value instanceof Tagged);
}

function isList(value: YamlValue): value is readonly YamlValue[] {
  return Array.isArray(value);
}
