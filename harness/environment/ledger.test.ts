import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MusterError } from '../model/errors.ts';
import { openLedger } from './ledger.ts';
import { parseEntry, readLedger } from './ledger-entry.ts';
import { processInfo } from './process-table.ts';
import { createRunDir } from './run-dir.ts';
import { sweepDeadLedgers } from './sweep.ts';

const DEAD = { kind: 'owner', pid: process.pid, startTime: 'long ago' };

let folder: string;
let runId: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ledger-test-'));
  runId = basename(folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('openLedger', () => {
  it('names its owner first, keeps rows others append, and disappears when it is closed', () => {
    const ledger = openLedger({ runId });
    appendFileSync(ledger.path, '{"kind":"watchdog","pid":4711,"startTime":"1"}\n');
    ledger.add({ kind: 'directory', path: '/nowhere' });
    expect(readLedger(ledger.path)).toEqual([
      { kind: 'owner', pid: process.pid, startTime: processInfo(process.pid)?.startTime },
      { kind: 'watchdog', pid: 4711, startTime: '1' },
      { kind: 'directory', path: '/nowhere' },
    ]);
    ledger.close();
    ledger.close();
    expect(existsSync(ledger.path)).toBe(false);
  });

  it('removes the run directory on closing, should nobody have done so', async () => {
    const ledger = openLedger({ runId });
    const runDir = await createRunDir(runId, ledger);
    writeFileSync(join(runDir, 'file'), 'x');
    ledger.close();
    expect(existsSync(runDir)).toBe(false);
  });

  it('refuses the id of a run that is going on', () => {
    const ledger = openLedger({ runId });
    expect(() => openLedger({ runId })).toThrow(/The ledger of run "ledger-test-.*" could not be created: EEXIST/);
    ledger.close();
  });

  it.each(['', '../etc', 'a/b', '.hidden', 'x'.repeat(81)])('refuses the run id %j', (wrong) => {
    expect(() => openLedger({ runId: wrong })).toThrow(MusterError);
  });
});

describe('parseEntry', () => {
  it.each([
    '',
    '{"kind":"proc',
    '{"kind":"process","pid":1,"startTime":"1","service":"x"}',
    '{"kind":"process","pid":-5,"startTime":"1","service":"x"}',
    '{"kind":"process","pid":"7","startTime":"1","service":"x"}',
    '{"kind":"directory","path":7}',
    '{"kind":"surprise","pid":7,"startTime":"1"}',
    'null',
  ])('ignores %s', (line) => {
    expect(parseEntry(line)).toBeNull();
  });

  it('takes no other signals than those that end a process', () => {
    const line = '{"kind":"process","pid":7,"startTime":"1","service":"x","endSignal":"SIGSTOP"}';
    expect(parseEntry(line)).toMatchObject({ pid: 7, endSignal: 'SIGTERM' });
  });
});

describe('sweepDeadLedgers', () => {
  const write = (name: string, ...rows: object[]): string => {
    const path = join(folder, `${name}.ndjson`);
    writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    return path;
  };

  it('removes what a dead run left, and says so', async () => {
    const dir = mkdtempSync(join(folder, 'muster-dead-'));
    const ledger = write('dead', DEAD, { kind: 'directory', path: dir });
    expect(await sweepDeadLedgers(folder)).toEqual([`run dead: removed directory ${dir}`]);
    expect([existsSync(dir), existsSync(ledger)]).toEqual([false, false]);
  });

  it('never touches a directory without the id of the run in its name', async () => {
    const dir = mkdtempSync(join(folder, 'precious-'));
    write('dead', DEAD, { kind: 'directory', path: dir }, { kind: 'directory', path: '../dead' });
    expect(await sweepDeadLedgers(folder)).toEqual([]);
    expect(existsSync(dir)).toBe(true);
  });

  it('leaves runs alone whose supervisor or watchdog lives, and files it cannot read yet', async () => {
    const own = { pid: process.pid, startTime: processInfo(process.pid)?.startTime };
    const paths = [write('alive', { kind: 'owner', ...own }), write('guarded', DEAD, { kind: 'watchdog', ...own }), write('starting')];
    expect(await sweepDeadLedgers(folder)).toEqual([]);
    expect(paths.map((path) => existsSync(path))).toEqual([true, true, true]);
  });

  it('drops an empty ledger once it is old', async () => {
    const path = write('empty');
    utimesSync(path, 1, 1);
    await sweepDeadLedgers(folder);
    expect(existsSync(path)).toBe(false);
  });
});

describe('createRunDir', () => {
  it('refuses a directory that is already there, and it is registered before it is made', async () => {
    const ledger = openLedger({ runId });
    const runDir = await createRunDir(runId, ledger);
    expect(readFileSync(ledger.path, 'utf8')).toContain(JSON.stringify(runDir));
    await expect(createRunDir(runId, ledger)).rejects.toThrow(/The run directory .* could not be created: EEXIST/);
    ledger.close();
  });
});
