import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const PROGRAM = fileURLToPath(new URL('./npm-current.mjs', import.meta.url));
const ELSEWHERE = process.platform === 'win32' ? 'linux' : 'win32';

interface Entry {
  readonly version: string;
  readonly integrity: string;
  readonly optional?: boolean;
  readonly os?: readonly string[];
}
type Packages = Readonly<Record<string, Entry>>;

const A: Entry = { version: '1.0.0', integrity: 'sha512-a' };

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'muster-npm-current-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function writeJson(path: string, value: unknown): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), JSON.stringify(value));
}

/** A checkout whose lockfile asks for `locked`, in which npm says it installed `installed` and those folders are there. */
function verdict(locked: Packages, installed: Packages, folders: Packages = installed): { code: number | null; reason: string } {
  writeJson('package-lock.json', { packages: { '': { name: 'x' }, ...locked } });
  writeJson('node_modules/.package-lock.json', { packages: installed });
  for (const [path, { version }] of Object.entries(folders)) writeJson(`${path}/package.json`, { version });
  const { status, stdout } = spawnSync(process.execPath, [PROGRAM, root], { encoding: 'utf8' });
  return { code: status, reason: stdout.trim() };
}

describe('up to date', () => {
  it.each<[string, Packages, Packages]>([
    ['everything is there', { 'node_modules/a': A }, { 'node_modules/a': A }],
    ['only a package of another platform is missing', { 'node_modules/a': { ...A, optional: true, os: [ELSEWHERE] } }, {}],
    ['only what serves another platform is missing', { 'node_modules/a': { ...A, optional: true } }, {}],
  ])('when %s', (_, locked, installed) => {
    expect(verdict(locked, installed)).toEqual({ code: 0, reason: '' });
  });
});

describe('not up to date', () => {
  const fitting = { ...A, optional: true, os: [process.platform] };
  it.each<[string, Packages, Packages, Packages, string]>([
    ['a package is missing', { 'node_modules/a': A }, {}, {}, 'node_modules/a is missing'],
    ['an optional package of this platform is missing', { 'node_modules/a': fitting }, {}, {}, 'node_modules/a is missing'],
    ['a folder was removed', { 'node_modules/a': A }, { 'node_modules/a': A }, {}, 'node_modules/a was removed'],
    [
      'a folder holds another version',
      { 'node_modules/a': A },
      { 'node_modules/a': A },
      { 'node_modules/a': { ...A, version: '2.0.0' } },
      'node_modules/a is 2.0.0, locked is 1.0.0',
    ],
    [
      'the lockfile changed',
      { 'node_modules/a': { ...A, integrity: 'sha512-b' } },
      { 'node_modules/a': A },
      { 'node_modules/a': A },
      'node_modules/a is not the locked one',
    ],
    [
      'there is one too many',
      { 'node_modules/a': A },
      { 'node_modules/a': A, 'node_modules/b': A },
      { 'node_modules/a': A },
      'node_modules/b is not in the lockfile',
    ],
  ])('when %s', (_, locked, installed, folders, reason) => {
    expect(verdict(locked, installed, folders)).toEqual({ code: 1, reason });
  });

  it('when nothing was ever installed', () => {
    writeJson('package-lock.json', { packages: {} });

    const { status, stdout } = spawnSync(process.execPath, [PROGRAM, root], { encoding: 'utf8' });

    expect([status, stdout.trim()]).toEqual([1, 'nothing is installed yet']);
  });
});
