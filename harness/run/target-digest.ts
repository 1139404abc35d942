import { digestOf } from '../config/digest.ts';
import type { RunPlan } from '../model/plan.ts';

/** Per service, for the compose file and for what is allowed: each field's digest: enough to say what differs without telling what it was. */
export type TargetDigest = Readonly<Record<string, Readonly<Record<string, string>>>>;

/**
 * What decides which services run, how, what they are said to be and what may be done to them; bindings, workload and bounds do not.
 * @param code what `codeDigests` found, by service.
 */
export function targetDigest(
  { target: { services, compose, subject }, allow }: Pick<RunPlan, 'target' | 'allow'>,
  code: Readonly<Record<string, string>>,
): TargetDigest {
  const parts = services.map((service) => [`services.${service.name}`, { ...fields(service), ...codeOf(code[service.name]) }] as const);
  return Object.fromEntries([
    ...parts,
    ['subject', fields(subject)],
    ['allow', fields(allow)],
    ...(compose === null ? [] : [['compose', fields(compose)] as const]),
  ]);
}

/** What differs, as dotted names: `services.web.command`, `services.cache (only in the stack)`. */
export function digestDifferences(stack: TargetDigest, wanted: TargetDigest): readonly string[] {
  return [...new Set([...Object.keys(stack), ...Object.keys(wanted)])].flatMap((name) => {
    const [is, asked] = [stack[name], wanted[name]];
    if (asked === undefined) return [`${name} (only in the stack)`];
    if (is === undefined) return [`${name} (not in the stack)`];
    return [...new Set([...Object.keys(is), ...Object.keys(asked)])]
      .filter((field) => is[field] !== asked[field])
      .map((field) => `${name}.${field}`);
  });
}

function codeOf(digest: string | undefined): Readonly<Record<string, string>> {
  return digest === undefined ? {} : { code: digest };
}

function fields(part: object): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(part).map(([field, value]) => [field, digestOf(value ?? null)]));
}
