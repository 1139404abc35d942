import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { contextFiles, mayHold, packContext } from './build-context.ts';

let folder = '';
afterEach(() => rm(folder, { recursive: true, force: true }));

async function folderWith(files: readonly string[], ignore: string | null): Promise<string> {
  folder = await mkdtemp(join(tmpdir(), 'context-'));
  for (const file of files) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), file);
  }
  if (ignore !== null) await writeFile(join(folder, '.dockerignore'), ignore);
  return folder;
}

it('takes everything along where nothing is ignored', async () => {
  const context = await folderWith(['Dockerfile', 'src/a.js', '.env'], null);
  expect(await contextFiles({ context, dockerfile: 'Dockerfile' })).toEqual(['.env', 'Dockerfile', 'src/a.js']);
});

it('obeys .dockerignore with its exceptions, and takes the Dockerfile along all the same', async () => {
  const files = [
    'docker/Dockerfile',
    'dist/a.js',
    'dist/a.map',
    'dist/testing/t.js',
    'node_modules/in/x.js',
    'node_modules/out/x.js',
    '.git/config',
  ];
  const context = await folderWith(files, '# only what is needed\n*\n!dist\ndist/testing\n!node_modules/in\n**/*.map\n');
  expect(await contextFiles({ context, dockerfile: './docker/Dockerfile' })).toEqual([
    'dist/a.js',
    'docker/Dockerfile',
    'node_modules/in/x.js',
  ]);
});

it.each([
  [['*', '!dist/services'], 'dist', true],
  [['*', '!dist/services'], 'dist/services/x', true],
  [['*', '!dist/services'], 'node_modules', false],
  [['*', '!dist'], 'distance', false],
  [['*', '!**/keep.txt'], 'anything', true],
  [['*', '!pack*/x'], 'packages', true],
  [['node_modules'], 'node_modules', false],
])('knows of %j whether something below %s may come along: %s', (patterns, path, expected) => {
  expect(mayHold(patterns, path)).toBe(expected);
});

it('says what could not be packed', async () => {
  const context = await folderWith(['a'], null);
  const packed = packContext(context, ['a', 'gone.txt'], 'run-1').resume();
  const error = await new Promise<Error>((resolve) => packed.once('error', resolve));
  expect(error.message).toMatch(/^The build folder .* could not be packed: .*gone\.txt/);
});
