import type { CheckDeclaration } from '../model/criterion.ts';
import type { ResolvedConfig } from './resolved.ts';

/** The parts of a config that choose among the declared criteria. */
export type Selection = Pick<ResolvedConfig, 'profile' | 'suites' | 'only' | 'skip'>;

/** Whether `name` is the suite of this criterion, a group it is in (`database.stream`), or its id. */
export function isNamed(id: string, name: string): boolean {
  return id === name || id.startsWith(`${name}.`);
}

/** Those of the profile that are chosen, with what they rest on when they are chosen one by one; what is skipped is out in any case. */
export function select(declarations: readonly CheckDeclaration[], { profile, suites, only, skip }: Selection): readonly CheckDeclaration[] {
  const open = declarations.filter(
    ({ id, profiles, suite }) =>
      profiles.includes(profile) && (suites === null || suites.includes(suite)) && !skip.some((name) => isNamed(id, name)),
  );
  if (only === null) return open;
  const chosen = withFoundation(
    open.filter(({ id }) => only.some((name) => isNamed(id, name))),
    open,
  );
  return open.filter(({ id }) => chosen.has(id));
}

/** Their ids, and of what they depend on, and so on. */
function withFoundation(chosen: readonly CheckDeclaration[], all: readonly CheckDeclaration[]): ReadonlySet<string> {
  const rests = new Map(all.map(({ id, dependsOn }) => [id, dependsOn]));
  const found = new Set<string>();
  const open = chosen.map(({ id }) => id);
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    open.push(...(rests.get(id) ?? []));
  }
  return found;
}
