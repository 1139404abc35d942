import { entriesOf, valueAt } from './finding.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** The keys a mapping at `path` may have, for suggestions. Unions are narrowed by what is written there. */
export function keysAllowedAt(schema: JsonSchema, path: readonly string[], input: unknown): readonly string[] {
  let nodes: readonly JsonSchema[] = variants(schema, input);
  for (const [index, key] of path.entries()) {
    const value = valueAt(input, path.slice(0, index + 1));
    nodes = nodes.flatMap((node) => childrenOf(node, key)).flatMap((node) => variants(node, value));
  }
  return [...new Set(nodes.flatMap(keysOf))];
}

function childrenOf(node: JsonSchema, key: string): readonly JsonSchema[] {
  const properties = asSchema(node['properties']);
  const own = properties === null || !Object.hasOwn(properties, key) ? null : asSchema(properties[key]);
  const child = own ?? asSchema(node['additionalProperties']) ?? asSchema(node['items']);
  return child === null ? [] : [child];
}

/** Object variants of a union that fit the value's `kind`, or the node itself. */
function variants(node: JsonSchema, value: unknown): readonly JsonSchema[] {
  const options = [node['anyOf'], node['oneOf']].flatMap((list) => (Array.isArray(list) ? (list as readonly unknown[]) : []));
  if (options.length === 0) return [node];
  const kind = valueAt(value, ['kind']);
  return options
    .flatMap((option) => (asSchema(option) === null ? [] : [option as JsonSchema]))
    .filter((option) => {
      const constant = valueAt(option, ['properties', 'kind', 'const']);
      return constant === undefined || constant === kind;
    })
    .flatMap((option) => variants(option, value));
}

function keysOf(node: JsonSchema): readonly string[] {
  const named = valueAt(node, ['propertyNames', 'enum']);
  return Array.isArray(named) ? named.map(String) : entriesOf(node['properties']).map(([key]) => key);
}

function asSchema(value: unknown): JsonSchema | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonSchema) : null;
}
