import { appendFile, copyFile, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LOG_START, logEnd, readLog, type LogPosition } from './log-reader.ts';

let folder = '';
let path = '';
const NONE = { secrets: [] };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-log-reader-'));
  path = join(folder, 'web.log');
});
afterEach(() => rm(folder, { recursive: true }));

async function readAll(from: LogPosition, options: Parameters<typeof readLog>[2] = NONE): Promise<{ lines: string[]; next: LogPosition }> {
  const lines: string[] = [];
  for (let position = from; ; ) {
    const part = await readLog(path, position, options);
    lines.push(...part.lines);
    if (part.end) return { lines, next: part.next };
    position = part.next;
  }
}

it('reads on where it stopped, and leaves a line that is still being written for later', async () => {
  await writeFile(path, 'one\ntwo\nthr');
  const first = await readAll(LOG_START);
  await appendFile(path, 'ee\n');

  expect(first.lines).toEqual(['one', 'two']);
  expect((await readAll(first.next)).lines).toEqual(['three']);
});

it('gives an unfinished line when asked for it', async () => {
  await writeFile(path, 'one\nlast words');

  expect((await readAll(LOG_START, { secrets: [], unfinished: true })).lines).toEqual(['one', 'last words']);
});

it('reads over a rotation without losing or repeating a line', async () => {
  await writeFile(path, 'one\ntwo\n');
  const { next } = await readLog(path, { rotated: false, offset: 0 }, NONE);
  await appendFile(path, 'three\n');
  await copyFile(path, `${path}.1`);
  await truncate(path, 0);
  await appendFile(path, 'four\n');

  expect((await readAll(next)).lines).toEqual(['three', 'four']);
  expect((await readAll(LOG_START)).lines).toEqual(['one', 'two', 'three', 'four']);
});

it('reads a log of many parts, and a line longer than a part', async () => {
  const lines = Array.from({ length: 40_000 }, (_, index) => `line ${index}`);
  await writeFile(path, `${lines.join('\n')}\n${'x'.repeat(600_000)}\nend\n`);

  const read = (await readAll(LOG_START)).lines;
  expect(read.slice(0, 40_000)).toEqual(lines);
  expect(read.at(-1)).toBe('end');
});

it('hides secrets and what would steer a terminal', async () => {
  await writeFile(path, 'key is hush-hush \u001b[31mred\u001b[0m\n');

  expect((await readAll(LOG_START, { secrets: ['hush-hush'] })).lines).toEqual(['key is [redacted] red']);
});

it('starts at the end of a log that is there, and at the beginning of one that is not', async () => {
  expect(await logEnd(path)).toEqual({ rotated: false, offset: 0 });
  await writeFile(path, 'old\n');
  const end = await logEnd(path);
  await appendFile(path, 'new\n');

  expect((await readAll(end)).lines).toEqual(['new']);
});
