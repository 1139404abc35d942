import { appendFileSync, mkdtempSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LogFile } from './log-file.ts';

let folder: string;
let log: LogFile;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'log-test-'));
  log = new LogFile(join(folder, 'web.log'), ['s3cr3t']);
});
afterEach(async () => {
  await log.close();
  rmSync(folder, { recursive: true });
});

describe('LogFile', () => {
  it('has no lines before anything was written', async () => {
    expect(await log.tail(5)).toEqual([]);
  });

  it('shows the last lines, sanitised', async () => {
    log.withDescriptor((fd) => writeSync(fd, 'one\ntwo\n\u001B[1mthree s3cr3t\u001B[0m\n'));
    expect(await log.tail(2)).toEqual(['two', 'three [redacted]']);
  });

  it('shows only what came after an offset', async () => {
    appendFileSync(log.path, 'first start\n');
    const offset = await log.sizeBytes();
    appendFileSync(log.path, 'second start\n');
    expect(await log.tail(10, offset)).toEqual(['second start']);
  });

  it('is emptied when it has grown too large, and goes on; the tail spans both parts', async () => {
    log.withDescriptor((fd) => writeSync(fd, 'old 1\nold 2\n'));
    await log.rotateAbove(5);
    expect(statSync(log.path).size).toBe(0);
    log.withDescriptor((fd) => writeSync(fd, 'new\n'));
    await log.rotateAbove(5);
    expect(await log.tail(2)).toEqual(['old 2', 'new']);
  });
});
