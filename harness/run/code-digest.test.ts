import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { codeDigests } from './code-digest.ts';
import { httpServiceFixture } from './testing.ts';

const LOCAL = { name: 'local' } as const;
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-code-'));
  await write('dist/services/web/main.js', 'import "../shared/log.js"');
  await write('dist/services/shared/log.js', 'one');
});
afterEach(() => rm(folder, { recursive: true }));

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text);
}

async function digestFor(command: readonly string[]): Promise<string | undefined> {
  const { web } = await codeDigests(LOCAL, [httpServiceFixture({ command, cwd: folder })]);
  return web;
}

/** Whether the digest of a service with this command changes when the file does. */
async function notices(command: readonly string[], path: string): Promise<boolean> {
  const before = await digestFor(command);
  await write(path, 'changed');
  return (await digestFor(command)) !== before;
}

describe('the code of a service', () => {
  it.each([
    ['its program', ['node', 'dist/services/web/main.js'], 'dist/services/web/main.js'],
    ['what its program shares with its neighbours', ['node', 'dist/services/web/main.js'], 'dist/services/shared/log.js'],
    ['a file that is new', ['node', 'dist/services/web/main.js'], 'dist/services/web/more.js'],
    ['anything below the folder that is named', ['go', 'run', './cmd'], 'cmd/main.go'],
    ['anything in its working directory when no file is named', ['uvicorn', 'app.main:app'], 'app/main.py'],
  ])('is %s', async (_, command, path) => {
    expect(await notices(command, path)).toBe(true);
  });

  it.each([
    ['other parts of the project', 'dist/suites/own.js'],
    ['what services write', 'dist/services/web/cache.sqlite'],
    ['what is installed', 'dist/services/node_modules/x/index.js'],
  ])('is not %s', async (_, path) => {
    expect(await notices(['node', 'dist/services/web/main.js'], path)).toBe(false);
  });

  it('stays the same when it is written anew as it was', async () => {
    const command = ['node', 'dist/services/web/main.js'];
    const before = await digestFor(command);
    await write('dist/services/shared/log.js', 'one');
    expect([await digestFor(command), before]).toEqual([before, expect.any(String)]);
  });

  it('is not known of containers', async () => {
    expect(
      await codeDigests({ name: 'containers' }, [httpServiceFixture({ command: ['node', 'dist/services/web/main.js'], cwd: folder })]),
    ).toEqual({});
  });
});
