import { RESPONSE_CLASSES } from '../model/budgets.ts';
import type { Bindings } from '../model/target.ts';
import { placeholdersIn } from '../model/template.ts';
import type { Finding } from './finding.ts';
import { entriesOf, valueAt } from './finding.ts';
import { lintCache } from './lint-cache.ts';
import { lintEconomy } from './lint-economy.ts';
import { STATE_VARIABLES } from './bindings/state.ts';
import { WORK_VARIABLES } from './bindings/work.ts';
import { API_VARIABLES } from './bindings/api.ts';
import { LISTS_VARIABLES } from './bindings/lists.ts';
import { TENANTS_VARIABLES } from './bindings/tenants.ts';
import { VECTOR_VARIABLES } from './bindings/vector.ts';
import { POOL_VARIABLES } from './bindings/pool.ts';
import { CACHE_VARIABLES } from './bindings/cache.ts';
import { VALUES_VARIABLES } from './bindings/values.ts';
import { WORKSPACE_VARIABLES } from './bindings/workspace.ts';
import { suggest } from '../model/suggest.ts';

/** Variables every call is given. */
const COMMON = ['agent', 'workspace', 'op'];

/** Variables a call of each binding is given (see `Bindings` in the model). */
const BINDING_VARIABLES: Record<keyof Bindings, readonly string[]> = {
  execute: ['text', 'cache', ...COMMON],
  operation: ['kind', 'id', ...COMMON],
  register: ['key', 'value', 'name', ...COMMON],
  transitions: ['name', 'id', 'to', ...COMMON],
  events: ['key', ...COMMON],
  mcp: ['canary', ...COMMON],
  meter: ['id', ...COMMON],
  stream: ['value', ...COMMON],
  health: COMMON,
  classes: ['text', 'cache', ...COMMON],
  economy: ['text', 'cache', 'item', ...COMMON],
  ...STATE_VARIABLES,
  ...WORK_VARIABLES,
  ...API_VARIABLES,
  ...LISTS_VARIABLES,
  ...TENANTS_VARIABLES,
  ...VECTOR_VARIABLES,
  ...POOL_VARIABLES,
  ...CACHE_VARIABLES,
  ...VALUES_VARIABLES,
  ...WORKSPACE_VARIABLES,
};

/** Parts of a binding that are requests of their own and may name a service. */
const REQUEST_PARTS = [
  'create',
  'poll',
  'append',
  'read',
  'move',
  'add',
  'baseline',
  'write',
  'invalidate',
  'work',
  'fail',
  'worker',
  'claim',
  'begin',
  'complete',
  'cyclic',
  'failing',
  'parallel',
  'events',
  'uncertain.create',
  'uncertain.listed',
  'rollback',
  'patch',
  'send',
  'list',
  'search',
  'transfer',
  'remove',
  ...RESPONSE_CLASSES,
];

/** Parts of which each item is a request. */
const LISTS_OF_REQUESTS = ['fill', 'change', 'lists'];

/** Mistakes across bindings and services: unknown services, unknown variables, end states that never succeed. */
export function lintBindings(target: unknown): readonly Finding[] {
  const services = entriesOf(valueAt(target, ['services']));
  const http = services.filter(([, service]) => valueAt(service, ['kind']) === 'http').map(([name]) => name);
  const bindings = entriesOf(valueAt(target, ['bindings']));
  return [
    ...bindings.flatMap(([name, binding]) => unknownServices(['bindings', name], binding, http)),
    ...entriesOf(valueAt(target, ['bindings', 'lists'])).flatMap(([name, list]) =>
      unknownServices(['bindings', 'lists', name], list, http),
    ),
    ...bindings.flatMap(([name, binding]) => unknownVariables(name, binding)),
    ...successOutsideEnd(target),
    ...unknownStates(target),
    ...kindsMissing(target),
    ...lintEconomy(target),
    ...lintCache(target, http),
    ...(bindings.length > 0 && http.length === 0 ? [NO_HTTP_SERVICE] : []),
  ];
}

const NO_HTTP_SERVICE: Finding = {
  path: ['bindings'],
  problem: 'needs a service of kind http to send requests to, and the target has none',
  allowed: 'at least one service with kind: http',
  shown: null,
};

function unknownServices(path: readonly string[], binding: unknown, http: readonly string[]): readonly Finding[] {
  const within = (at: readonly string[]): unknown => valueAt(binding, at.slice(path.length));
  const parts = REQUEST_PARTS.map((part) => [...path, ...part.split('.')]);
  const several = [...parts, ...LISTS_OF_REQUESTS.map((part) => [...path, part])].flatMap((at) => {
    const list = within(at);
    return Array.isArray(list) ? list.map((_, index) => [...at, String(index)]) : [];
  });
  return [path, ...parts, ...several].flatMap((at) => {
    const service = within([...at, 'service']);
    if (typeof service !== 'string' || http.includes(service)) return [];
    return [
      {
        path: [...at, 'service'],
        problem: 'names no http service of this target',
        allowed: http.join(', '),
        suggestion: suggest(service, http),
      },
    ];
  });
}

function unknownVariables(name: string, binding: unknown): readonly Finding[] {
  if (!Object.hasOwn(BINDING_VARIABLES, name)) return [];
  const known = BINDING_VARIABLES[name as keyof Bindings];
  return textsIn(binding, ['bindings', name]).flatMap(({ path, text }) =>
    placeholdersIn(text)
      .filter((variable) => !known.includes(variable) && !variable.startsWith('env.'))
      .map((variable) => ({
        path,
        problem: `uses \${${variable}}, which \`${name}\` is not given`,
        allowed: known.length === 0 ? 'no variables' : known.join(', '),
        suggestion: suggest(variable, known),
      })),
  );
}

function successOutsideEnd(target: unknown): readonly Finding[] {
  const end = valueAt(target, ['bindings', 'operation', 'end']);
  const success = valueAt(target, ['bindings', 'operation', 'success']);
  if (!Array.isArray(end) || !Array.isArray(success)) return [];
  return success.flatMap((state: unknown, index) =>
    end.includes(state)
      ? []
      : [{ path: ['bindings', 'operation', 'success', String(index)], problem: 'is no end state', allowed: end.map(String).join(', ') }],
  );
}

function unknownStates(target: unknown): readonly Finding[] {
  const table = entriesOf(valueAt(target, ['bindings', 'transitions', 'table']));
  const states = table.map(([state]) => state);
  return table.flatMap(([from, to]) =>
    (Array.isArray(to) ? (to as readonly unknown[]) : [])
      .map((state, index) => ({ state: String(state), path: ['bindings', 'transitions', 'table', from, String(index)] }))
      .filter(({ state }) => !states.includes(state))
      .map(({ state, path }) => ({
        path,
        problem: 'is no state of the table',
        allowed: states.join(', '),
        suggestion: suggest(state, states),
      })),
  );
}

function kindsMissing(target: unknown): readonly Finding[] {
  const operation = valueAt(target, ['bindings', 'operation']);
  const uses = textsIn(valueAt(operation, ['create']), []).some(({ text }) => placeholdersIn(text).includes('kind'));
  if (!uses || valueAt(operation, ['kinds']) !== undefined) return [];
  return [
    { path: ['bindings', 'operation', 'kinds'], problem: 'is missing, although create uses ${kind}', allowed: 'a list of operation types' },
  ];
}

function textsIn(value: unknown, path: readonly string[]): readonly { readonly path: readonly string[]; readonly text: string }[] {
  if (typeof value === 'string') return [{ path, text: value }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]: [string, unknown]) => textsIn(item, [...path, key]));
}
