import { posix } from 'node:path';

/** A source file: its path from the repository root, with `/`, and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

export interface Violation {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

const ANYTHING = ['*'] as const;
const HARNESS = ['harness/*'] as const;
const MODEL = ['harness/model'] as const;

/** Which zones (folders, or single files where a row names one) a zone may import from, besides itself. Types count. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'harness/model': [],
  'harness/config': MODEL,
  'harness/target': MODEL,
  'harness/environment': MODEL,
  'harness/load': MODEL,
  'harness/history': MODEL,
  'harness/metrics': MODEL,
  'harness/decision': MODEL,
  'harness/faults': ['harness/model', 'harness/environment'],
  'harness/evidence': ['harness/model', 'harness/decision'],
  'harness/workers': ['harness/model', 'harness/load', 'harness/target'],
  'harness/run': HARNESS,
  'harness/index.ts': HARNESS,
  'harness/supervisor.ts': HARNESS,
  'suites/support': ['harness/index.ts'],
  suites: ['harness/index.ts', 'suites/support'],
  reports: MODEL,
  scripts: ['harness/index.ts', 'harness/supervisor.ts', 'harness/model', 'reports', 'suites/support/declared.ts'],
  services: [],
  targets: [],
  bench: ANYTHING,
  gate: ANYTHING,
  'the repository root': ['harness/config', 'harness/index.ts'],
};

/** Who talks to Postgres and Redis. */
const STORE_CLIENTS = [
  'harness/metrics/',
  'harness/target/',
  'harness/workers/',
  'harness/environment/',
  'suites/support/',
  'services/',
  'gate/',
  'bench/',
];

/** Packages that only some places may import: a path prefix, or a suffix after `*`. Tests beside the code are free to. */
const WALLS: Readonly<Record<string, readonly string[]>> = {
  vitest: ['services/testing/', 'suites/', 'harness/run/', 'gate/', 'bench/', 'vitest.config.ts'],
  pg: STORE_CLIENTS,
  ioredis: STORE_CLIENTS,
  bullmq: ['harness/workers/'],
  testcontainers: ['harness/environment/containers', 'harness/environment/compose'],
  dockerode: ['harness/environment/containers', 'harness/environment/compose'],
};

/** Real stores for the integration tests of every folder of the harness: started in one place, from what setup provides. */
const TEST_STORES = 'harness/environment/testing/';

/** Every import that the direction of dependencies forbids, in the order of the files and their lines. */
export function boundaryViolations(files: readonly SourceFile[]): Violation[] {
  return files.flatMap((file) =>
    importsOf(file.text).flatMap(({ specifier, line }) => {
      const message = specifier.startsWith('.') ? directionProblem(file.path, specifier) : wallProblem(file.path, specifier);
      return message === null ? [] : [{ path: file.path, line, message }];
    }),
  );
}

function directionProblem(path: string, specifier: string): string | null {
  const imported = posix.join(posix.dirname(path), specifier).replace(/^dist\/(.*)\.js$/, '$1.ts'); // compiled from there
  const from = zoneOf(path);
  const to = zoneOf(imported);
  const allowed = MAY_IMPORT[from];
  if (allowed === undefined) return `\`${from}\` is not in the table of zones: add it to scripts/boundaries.ts with what it may import`;
  if (from === to || allowed.some((zone) => covers(zone, to, imported))) return null;
  if (path.endsWith('.int.test.ts') && imported.startsWith(TEST_STORES)) return null;
  return `${from} may not import ${imported}; it may import ${listed(allowed)}`;
}

function covers(allowed: string, zone: string, path: string): boolean {
  return allowed === '*' || allowed === zone || allowed === path || (allowed.endsWith('/*') && path.startsWith(allowed.slice(0, -1)));
}

function wallProblem(path: string, specifier: string): string | null {
  const name = packageOf(specifier);
  const places = WALLS[name];
  if (places === undefined || isTest(path) || places.some((place) => path.startsWith(place))) return null;
  return `${path} may not import the package ${name}; only ${listed(places)} and tests may`;
}

function packageOf(specifier: string): string {
  const [scope = '', name = ''] = specifier.split('/');
  if (scope === '@testcontainers') return 'testcontainers';
  return scope.startsWith('@') ? `${scope}/${name}` : scope;
}

/** The longest row of the table that holds `path`: a file of its own, else two folders, else one. */
function zoneOf(path: string): string {
  const parts = path.split('/');
  if (parts.length === 1) return 'the repository root';
  const two = parts.slice(0, 2).join('/');
  if (parts[0] === 'harness' || two in MAY_IMPORT) return two;
  return parts[0] ?? path;
}

function isTest(path: string): boolean {
  return path.endsWith('.test.ts');
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'nothing of ours' : names.join(', ');
}

const STATIC = /^[ \t]*(?:import|export)\b[^'"`;]*?['"]([^'"\n]+)['"]/gm;
const DYNAMIC = /\bimport\(\s*['"]([^'"\n]+)['"]/g;

/** Static imports, re-exports, dynamic imports and import types. */
function importsOf(text: string): { specifier: string; line: number }[] {
  const found = [...text.matchAll(STATIC), ...text.matchAll(DYNAMIC)].flatMap((match) => {
    const [whole, specifier = ''] = match;
    const statement = whole.trimStart();
    const isImport = /^import\b/.test(statement) || /\bfrom\s*['"][^'"]*['"]$/.test(statement);
    return isImport ? [{ specifier, index: match.index + whole.indexOf(specifier) }] : [];
  });
  return found
    .toSorted((a, b) => a.index - b.index)
    .map(({ specifier, index }) => ({ specifier, line: text.slice(0, index).split('\n').length }));
}
