import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { finishBuild } from './build-output.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'muster-finish-build-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(...files: readonly string[]): void {
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), file);
  }
}

it('copies what is not TypeScript and leaves test fixtures behind', () => {
  write('services/schema.sql', 'services/main.ts', 'reports/fixtures/record.json', 'docs/notes.md');

  expect(finishBuild(root).copied).toEqual(['services/schema.sql']);
  expect(readFileSync(join(root, 'dist/services/schema.sql'), 'utf8')).toBe('services/schema.sql');
});

it('removes what was compiled from a source that is gone and keeps the rest', () => {
  write('suites/a.test.ts', 'reports/page.css', 'dist/reports/old.css');
  write('dist/suites/a.test.js', 'dist/suites/a.test.js.map', 'dist/suites/a.test.d.ts');
  write('dist/suites/gone.test.js', 'dist/suites/gone.test.js.map', 'dist/suites/gone.test.d.ts');

  const { removed } = finishBuild(root);

  expect(removed.toSorted()).toEqual(['dist/reports/old.css', ...['d.ts', 'js', 'js.map'].map((end) => `dist/suites/gone.test.${end}`)]);
  expect(existsSync(join(root, 'dist/suites/a.test.js'))).toBe(true);
  expect(existsSync(join(root, 'dist/reports/page.css'))).toBe(true);
});
