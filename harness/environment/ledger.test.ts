import { appendFileSync, copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { monotonicMs } from '../model/clock.ts';
import { MusterError } from '../model/errors.ts';
import { enginesOf } from './clean-up-engines.ts';
import { composeProject } from './containers/labels.ts';
import { openLedger } from './ledger.ts';
import { parseEntry, readLedger } from './ledger-entry.ts';
import { processInfo } from './process-table.ts';
import { createRunDir } from './run-dir.ts';
import { deadLedgers, sweepDeadLedgers } from './sweep.ts';

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
    '{"kind":"engine","address":"unix:///run/engine.sock"}',
    '{"kind":"engine","address":"/run/engine.sock","project":"muster-x"}',
    '{"kind":"engine","address":"unix://run/engine.sock","project":"muster-x"}',
    '{"kind":"engine","address":"unix:///run/engine.sock","project":"production"}',
    '{"kind":"engine","address":"unix:///run/engine.sock","project":"muster-x y"}',
    '{"kind":"surprise","pid":7,"startTime":"1"}',
    'null',
  ])('ignores %s', (line) => {
    expect(parseEntry(line)).toBeNull();
  });

  it.each([
    { kind: 'engine', address: 'unix:///run/engine.sock', project: 'muster-20261121-a1b2' },
    { kind: 'engine', address: 'tcp://10.0.0.7:2375', project: 'muster-r_1' },
    { kind: 'cleaned' },
  ])('reads %j', (row) => {
    expect(parseEntry(JSON.stringify(row))).toEqual(row);
  });

  it('takes no other signals than those that end a process', () => {
    const line = '{"kind":"process","pid":7,"startTime":"1","service":"x","endSignal":"SIGSTOP"}';
    expect(parseEntry(line)).toMatchObject({ pid: 7, endSignal: 'SIGTERM' });
  });
});

describe('a ledger with an engine', () => {
  const engine = { kind: 'engine', address: 'unix:///nowhere/engine.sock', project: '' } as const;

  it('stays after closing until somebody has found nothing of the run on the engine', () => {
    const used = { ...engine, project: composeProject(runId) };
    for (const [found, stays] of [
      [undefined, true],
      [{ onEngines: ['container "x"'] }, true],
      [{ onEngines: [] }, false],
    ] as const) {
      const ledger = openLedger({ runId });
      ledger.add(used);
      ledger.close(found);
      expect(existsSync(ledger.path)).toBe(stays);
      rmSync(ledger.path, { force: true });
    }
  });

  it('is asked only for what carries the run id', () => {
    const rows = [engine, { ...engine, project: 'muster-other' }, { ...engine, project: composeProject(runId) }];
    expect(enginesOf({ runId, entries: rows.slice(0, 2) })).toEqual([]);
    expect(enginesOf({ runId, entries: [...rows, ...rows] })).toEqual([engine.address]);
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

  it('cleans everything else when the engine is gone, says so once, and keeps the ledger without taking time', async () => {
    const dir = mkdtempSync(join(folder, 'muster-dead-'));
    const row = { kind: 'engine', address: 'unix:///nowhere/engine.sock', project: 'muster-dead' };
    const ledger = write('dead', DEAD, row, { kind: 'directory', path: dir });
    expect(await sweepDeadLedgers(folder)).toEqual([
      `run dead: removed directory ${dir}`,
      `run dead: the engine at ${row.address} does not answer (ENOENT): containers, networks and volumes with the label muster.run=dead may be left; later runs look again until ${ledger} is deleted`,
    ]);
    for (let copy = 0; copy < 40; copy += 1) copyFileSync(ledger, join(folder, `dead-${String(copy)}.ndjson`));
    const startedMs = monotonicMs();
    expect(await sweepDeadLedgers(folder)).toEqual([]);
    expect(monotonicMs() - startedMs).toBeLessThan(1_000);
    expect(deadLedgers(folder)).toHaveLength(41);
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
