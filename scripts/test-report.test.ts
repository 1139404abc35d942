import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';

const PROGRAM = fileURLToPath(new URL('./test-report.mjs', import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-test-report-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const passed = { status: 'passed', fullName: 'works' };
const failed = {
  status: 'failed',
  fullName: 'area breaks',
  failureMessages: ['\u001B[31mAssertionError: expected 1 to be 2\u001B[39m\n    at here'],
};
const skipped = { status: 'skipped', fullName: 'waits', failureMessages: [] };

function read(command: string, tests: readonly { readonly status: string }[], exitCode = '1'): string {
  const of = (status: string): number => tests.filter((test) => test.status === status).length;
  const status = of('failed') > 0 ? 'failed' : 'passed';
  const testResults = [
    { name: join(process.cwd(), 'a/b.test.ts'), status, message: '', assertionResults: tests },
    ...(tests.length === 0
      ? [{ name: join(process.cwd(), 'c.test.ts'), status: 'failed', message: 'Cannot find module', assertionResults: [] }]
      : []),
  ];
  const report = {
    numPassedTests: of('passed'),
    numFailedTests: of('failed'),
    numPendingTests: of('skipped'),
    numTodoTests: 0,
    testResults,
  };
  writeFileSync(join(folder, 'report.json'), JSON.stringify(report));
  return execFileSync(process.execPath, [PROGRAM, command, join(folder, 'report.json'), exitCode], { encoding: 'utf8' });
}

it.each([
  ['what passed and what failed', [passed, failed], '1', '1 1\n'],
  ['a skipped test as failed', [passed, skipped], '0', '1 1\n'],
  ['a failure that no test shows', [passed], '1', '1 1\n'],
  ['nothing wrong as nothing failed', [passed, passed], '0', '2 0\n'],
  ['a file that did not load', [], '1', '0 1\n'],
] as const)('counts %s', (_what, tests, exitCode, expected) => {
  expect(read('counts', tests, exitCode)).toBe(expected);
});

it('names what failed, with the first line of its message', () => {
  expect(read('failures', [passed, failed, skipped])).toBe(
    'a/b.test.ts > area breaks: AssertionError: expected 1 to be 2\na/b.test.ts > waits: is skipped\n',
  );
});

it('names a file that did not load', () => {
  expect(read('failures', [])).toBe('c.test.ts: Cannot find module\n');
});
