import type { Fingerprint } from './fingerprint.ts';

/** What is left of a schema without the things that nobody wants to compare, and which pattern took which of them out. */
export interface Sifted {
  readonly left: Fingerprint;
  readonly ignored: ReadonlyMap<string, readonly string[]>;
}

/**
 * Pure. A pattern names a schema, something in it, or a part of that (`tool`, `public.events_*`, `public.tasks.note`), `*` any characters but a
 * dot; what belongs to a thing goes with it: columns, constraints and triggers, the indexes of a table, its sequences, the arguments of a function.
 */
export function sift(fingerprint: Fingerprint, patterns: readonly string[]): Sifted {
  const ignored = new Map<string, string[]>(patterns.map((pattern) => [pattern, []]));
  const tests = patterns.map((pattern) => ({ pattern, isMatch: matcherOf(pattern) }));
  const left = [...fingerprint].filter(([thing, definition]) => {
    const names = namesOf(thing, definition);
    const found = tests.find(({ isMatch }) => names.some(isMatch));
    if (found !== undefined) ignored.get(found.pattern)?.push(thing);
    return found === undefined;
  });
  return { left: new Map(left), ignored };
}

/** Pure. Whether any of the patterns takes this name (`schema.table`) out. */
export function isIgnored(name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => matcherOf(pattern)(name));
}

function matcherOf(pattern: string): (name: string) => boolean {
  const text = pattern.replaceAll(/[\\^$.|?+()[\]{}]/gu, '\\$&').replaceAll('*', '[^.]*');
  const expression = new RegExp(`^${text}(?:\\.|$)`, 'u');
  return (name) => expression.test(name);
}

const TABLE_OF_INDEX = /^CREATE (?:UNIQUE )?INDEX .*? ON (?:ONLY )?(\S+) USING /u;
const OWNER_OF_SEQUENCE = / owned by (\S+)$/u;

/** Its own name, and that of the table it belongs to where its name does not say so. */
function namesOf(thing: string, definition: string): readonly string[] {
  const [kind = '', ...rest] = thing.split(' ');
  const name = rest.join(' ').replace(/\(.*$/u, '');
  const owner = { index: TABLE_OF_INDEX, sequence: OWNER_OF_SEQUENCE }[kind]?.exec(definition)?.[1];
  return owner === undefined ? [name] : [name, owner.replaceAll('"', '')];
}

const MOST_NAMED = 12;

/** Pure. A sentence for each pattern: what was not compared, or that there is no such thing. */
export function ignoringTold(...sides: readonly Sifted[]): readonly string[] {
  const patterns = new Set(sides.flatMap(({ ignored }) => [...ignored.keys()]));
  return [...patterns].map((pattern) => {
    const things = [...new Set(sides.flatMap(({ ignored }) => ignored.get(pattern) ?? []))];
    if (things.length === 0) return `\`stores.schema.ignore\`: ${pattern} names nothing that is there; take it out of the list`;
    const more = things.length > MOST_NAMED ? ` and ${things.length - MOST_NAMED} more` : '';
    return `\`stores.schema.ignore\`: for ${pattern} ${things.length} were not compared: ${things.slice(0, MOST_NAMED).join(', ')}${more}`;
  });
}
