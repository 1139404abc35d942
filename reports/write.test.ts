import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recordGo } from './fixtures/record-go.ts';
import { recordNoGo } from './fixtures/record-no-go.ts';
import { RENDERERS, renderAll } from './renderers.ts';
import { writeReports } from './write.ts';

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'muster-reports-'));
});
afterEach(async () => {
  await rm(dir, { recursive: true });
});

describe('writeReports', () => {
  it('writes every format into a new folder, report.json last, and leaves nothing else there', async () => {
    const target = join(dir, 'deep', 'muster-report');
    const written = await writeReports(target, recordGo());
    expect(written.map(({ file, error }) => [file, error])).toEqual(
      ['index.html', 'junit.xml', 'summary.md', 'report.json'].map((name) => [join(target, name), null]),
    );
    expect((await readdir(target)).toSorted()).toEqual(['index.html', 'junit.xml', 'report.json', 'summary.md']);
    for (const { file, bytes } of written) expect((await stat(file)).size).toBe(bytes);
  });

  it('replaces the reports of an earlier run', async () => {
    await writeReports(dir, recordNoGo());
    await writeReports(dir, recordGo());
    expect(await readFile(join(dir, 'report.json'), 'utf8')).toBe(renderAll(recordGo()).get('report.json'));
  });

  it('reports a renderer that fails and still writes the others', async () => {
    const broken = {
      ...RENDERERS,
      html: {
        fileName: 'index.html',
        render: () => {
          throw new Error('no room for the chart');
        },
      },
    };
    const written = await writeReports(dir, recordGo(), broken);
    expect(written.find(({ file }) => file.endsWith('index.html'))).toEqual({
      file: join(dir, 'index.html'),
      bytes: 0,
      error: 'no room for the chart',
    });
    expect((await readdir(dir)).toSorted()).toEqual(['junit.xml', 'report.json', 'summary.md']);
  });

  it('leaves no temporary file when a report cannot be put in place', async () => {
    await mkdir(join(dir, 'index.html'));
    const written = await writeReports(dir, recordGo());
    expect(written[0]?.error).toContain('index.html');
    expect((await readdir(dir)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('throws when report.json cannot be written', async () => {
    await mkdir(join(dir, 'report.json'));
    await expect(writeReports(dir, recordGo())).rejects.toMatchObject({ code: 'MUSTER_REPORT_INVALID', blame: 'harness' });
  });

  it.each([
    ['does not parse', () => '{"verdict": "GO"', /JSON/u],
    ['is not a record', () => JSON.stringify({ ...recordGo(), score: { low: null } }), /score\.low/u],
    [
      'says another verdict',
      () => JSON.stringify({ ...recordGo(), verdict: 'GO', exitCode: 0 }),
      /it says .*GO, exit code 0.*expected .*NO_GO/u,
    ],
  ])('throws when report.json %s', async (_, render, message) => {
    const renderers = { json: { fileName: 'report.json', render } };
    await expect(writeReports(dir, recordNoGo(), renderers)).rejects.toThrow(message);
  });

  it.each([
    ['value', { value: Number.NaN }],
    ['interval.1', { interval: [0, Infinity] as const }],
  ])('refuses a number that JSON cannot hold (%s)', async (path, change) => {
    const criteria = recordGo().criteria.map((criterion, at) => (at === 0 ? { ...criterion, ...change } : criterion));
    await expect(writeReports(dir, { ...recordGo(), criteria })).rejects.toThrow(`criteria.0.${path}`);
  });
});

describe('renderAll', () => {
  it('gives the same bytes for the same record', () => {
    expect(renderAll(recordNoGo())).toEqual(renderAll(recordNoGo()));
  });
});
