import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockFolder } from './out-lock.ts';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-lock-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

describe('lockFolder', () => {
  it('keeps a second run out while the first lives, and lets it in afterwards', async () => {
    const unlock = await lockFolder(folder);
    await expect(lockFolder(folder)).rejects.toMatchObject({
      code: 'MUSTER_FOLDER_TAKEN',
      message: expect.stringContaining(`pid ${process.pid}`) as string,
    });
    await unlock();
    await (await lockFolder(folder))();
  });

  it.each(['{"pid":2147483646,"startTime":"1"}', 'half a fi'])('takes over what a dead run left: %s', async (left) => {
    await writeFile(join(folder, '.muster-run.json'), left);
    const unlock = await lockFolder(folder);
    expect(JSON.parse(await readFile(join(folder, '.muster-run.json'), 'utf8'))).toMatchObject({ pid: process.pid });
    await unlock();
  });
});
