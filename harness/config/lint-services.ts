import { placeholdersIn } from '../model/template.ts';
import type { Finding } from './finding.ts';
import { entriesOf, valueAt } from './finding.ts';
import { suggest } from '../model/suggest.ts';

/** Mistakes across services, found even when other parts of the file are wrong: unknown or circular dependencies, ports, placeholders. */
export function lintServices(target: unknown): readonly Finding[] {
  const services = entriesOf(valueAt(target, ['services']));
  const names = services.map(([name]) => name);
  return [
    ...services.flatMap(([name, service]) => unknownDependencies(name, service, names)),
    ...cycles(services),
    ...portsUsedTwice(services),
    ...services.flatMap(([name, service]) => unknownPlaceholders(name, service, names)),
  ];
}

function unknownDependencies(name: string, service: unknown, names: readonly string[]): readonly Finding[] {
  const others = names.filter((other) => other !== name);
  return dependenciesOf(service)
    .map((dependency, index) => ({ dependency, path: ['services', name, 'dependsOn', String(index)] }))
    .filter(({ dependency }) => !names.includes(dependency))
    .map(({ dependency, path }) => ({
      path,
      problem: 'names no service of this target',
      allowed: others.join(', '),
      suggestion: suggest(dependency, others),
    }));
}

function cycles(services: readonly (readonly [string, unknown])[]): readonly Finding[] {
  const graph = new Map(services.map(([name, service]) => [name, dependenciesOf(service)]));
  const done = new Set<string>();
  const found: Finding[] = [];
  const walk = (name: string, trail: readonly string[]): void => {
    const start = trail.indexOf(name);
    if (start >= 0) {
      const circle = [...trail.slice(start), name].join(' -> ');
      found.push({
        path: ['services', name, 'dependsOn'],
        problem: `forms a circle: ${circle}`,
        allowed: 'dependencies without a circle',
        shown: null,
      });
      return;
    }
    if (done.has(name)) return;
    for (const next of graph.get(name) ?? []) walk(next, [...trail, name]);
    done.add(name);
  };
  for (const name of graph.keys()) walk(name, []);
  return found;
}

function portsUsedTwice(services: readonly (readonly [string, unknown])[]): readonly Finding[] {
  const first = new Map<number, string>();
  const found: Finding[] = [];
  for (const [name, service] of services) {
    const port = valueAt(service, ['port']);
    if (typeof port !== 'number' || port === 0) continue;
    const other = first.get(port);
    if (other === undefined) first.set(port, name);
    else
      found.push({
        path: ['services', name, 'port'],
        problem: `is already the port of ${other}`,
        allowed: 'another port, or 0 for a free one',
      });
  }
  return found;
}

function unknownPlaceholders(name: string, service: unknown, names: readonly string[]): readonly Finding[] {
  const known = ['port', 'host', ...names.flatMap((other) => [`${other}.url`, `${other}.port`])];
  const words = ['command', 'containerCommand'].flatMap((key): (readonly [readonly string[], unknown])[] => {
    const command = valueAt(service, [key]);
    return Array.isArray(command) ? command.map((word: unknown, index) => [[key, String(index)], word]) : [[[key], command]];
  });
  const env = entriesOf(valueAt(service, ['env'])).map(([key, value]) => [['env', key], value] as const);
  return [...words, ...env].flatMap(([path, text]) =>
    typeof text === 'string'
      ? placeholdersIn(text)
          .filter((placeholder) => !known.includes(placeholder) && !placeholder.startsWith('env.'))
          .map((placeholder) => ({
            path: ['services', name, ...path],
            problem: `uses \${${placeholder}}, which is nothing known at start`,
            allowed: known.join(', '),
            suggestion: suggest(placeholder, known),
          }))
      : [],
  );
}

function dependenciesOf(service: unknown): readonly string[] {
  const list = valueAt(service, ['dependsOn']);
  return Array.isArray(list) ? list.filter((item): item is string => typeof item === 'string') : [];
}
