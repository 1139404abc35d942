import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { parse } from 'yaml';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): string => readFileSync(`${ROOT}${path}`, 'utf8');

/** The sources of the running services: tests and what only they use stay at home. */
const SOURCES = readdirSync(`${ROOT}services`, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !/^(testing|contract)\//.test(file))
  .map((file) => read(`services/${file}`));

interface Locked {
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** `@scope/name/part` → `@scope/name`; null for what is a file or part of Node. */
function packageOf(specifier: string): string | null {
  if (/^(\.|node:)/.test(specifier)) return null;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** Packages that the running services load; types are gone by then. */
function imported(): readonly string[] {
  const statement = /^(?:import|export)\s(?!type\s)[^;]*?from\s+'([^']+)'|\bimport\(\s*'([^']+)'/gm;
  const names = SOURCES.flatMap((source) => [...source.matchAll(statement)].map(([, name, lazy]) => packageOf(name ?? lazy ?? '.')));
  return [...new Set(names)].filter((name) => name !== null);
}

/** The folders of these packages and of all that they need, as npm laid them out. */
function closure(names: readonly string[]): readonly string[] {
  const { packages } = JSON.parse(read('package-lock.json')) as { readonly packages: Readonly<Record<string, Locked>> };
  const found = new Set<string>();
  const open = names.map((name) => ({ from: '', name }));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const folder = placeOf(next.name, next.from, packages);
    if (found.has(folder)) continue;
    found.add(folder);
    for (const name of Object.keys(packages[folder]?.dependencies ?? {})) open.push({ from: folder, name });
  }
  return [...found].toSorted();
}

/** As Node resolves: beside the importing package, then in every folder above it. */
function placeOf(name: string, from: string, packages: Readonly<Record<string, Locked>>): string {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    const folder = `${at === '' ? '' : `${at}/`}node_modules/${name}`;
    if (folder in packages) return folder;
    if (at === '') throw new Error(`package-lock.json knows no ${name}, which ${from === '' ? 'services/' : from} needs`);
  }
}

it('lets the image see exactly the packages that the services load, and what these need', () => {
  const patterns = read('.dockerignore').split('\n');
  const listed = patterns.filter((line) => /^!node_modules\/(@[^/]+\/)?[^/@]+$/.test(line)).map((line) => line.slice(1));
  expect(listed).toEqual(closure(imported()));
});

it('keeps every encoding of the tokenizer out but the one that is used', () => {
  const used = SOURCES.flatMap((source) => [...source.matchAll(/'gpt-tokenizer\/encoding\/(\w+)'/g)].map(([, name]) => name));
  const kept = [...read('.dockerignore').matchAll(/^!.*bpeRanks\/(\w+)\.js$/gm)].map(([, name]) => name);
  expect(kept).toEqual([...new Set(used)]);
});

it('carries the version of the package, in its tag and in its label', () => {
  const { version } = JSON.parse(read('package.json')) as { readonly version: string };
  const { services } = parse(read('targets/reference.yaml')) as { services: Record<string, { image?: string; build?: unknown }> };
  const own = Object.values(services).filter(({ build }) => build !== undefined);
  expect(own).toHaveLength(9);
  for (const { image, build } of own) {
    expect(image).toBe(`muster/services:${version}`);
    expect(build).toMatchObject({ args: { VERSION: version } });
  }
});
