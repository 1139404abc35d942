import type { Criterion } from '../model/criterion.ts';
import type { Target } from '../model/target.ts';

/** Why the target cannot be asked about this criterion ("no binding `register`"), or null when it can. */
export function missingRequirements(criterion: Pick<Criterion, 'requires'>, target: Target): string | null {
  const missing = criterion.requires.filter((name) => !provides(target, name));
  if (missing.length === 0) return null;
  return `the target has ${missing.map((name) => (isStore(name) ? `no service of kind \`${name}\`` : `no binding \`${name}\``)).join(' and ')}`;
}

function isStore(name: string): name is 'postgres' | 'redis' {
  return name === 'postgres' || name === 'redis';
}

/** A requirement is a store kind, a binding, or a part of one (`register.stored`, `stores.migrations`). */
export function provides(target: Target, name: string): boolean {
  if (isStore(name)) return target.services.some((service) => service.kind === name);
  const [head, ...rest] = name.split('.');
  const root: unknown = head === 'stores' ? target.stores : (target.bindings as Record<string, unknown>)[head ?? ''];
  const value = rest.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined),
    root,
  );
  return value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);
}
