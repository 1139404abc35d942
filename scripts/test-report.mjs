/**
 * Reads the report that vitest writes in JSON. Plain JavaScript: `.ci/run` runs it, also when nothing compiles.
 *
 *   node test-report.mjs counts <report> <exit code>   "<passed> <failed>"
 *   node test-report.mjs failures <report>             one line per failed test: file > name, first line of its message
 *
 * A skipped test, a file that did not load, a report without tests and a failure that no test shows are failures.
 */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

const MAX_LINE = 300;
const COLOURS = new RegExp(`${String.fromCodePoint(27)}\\[[0-9;]*m`, 'g');

function firstLine(message) {
  const line = (message ?? '')
    .replaceAll(COLOURS, '')
    .split('\n')
    .find((text) => text.trim() !== '');
  return (line ?? 'no message').trim();
}

/** Files that failed as a whole: what they hold was not even counted. */
const isBroken = (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed');

function counts(report, exitCode) {
  const failed = report.numFailedTests + report.testResults.filter(isBroken).length + report.numPendingTests + report.numTodoTests;
  const silent = failed === 0 && (report.numPassedTests === 0 || exitCode !== '0');
  return `${report.numPassedTests} ${failed + (silent ? 1 : 0)}`;
}

function failures(report) {
  return report.testResults.flatMap((file) => {
    const name = relative(process.cwd(), file.name);
    if (isBroken(file)) return [`${name}: ${firstLine(file.message)}`];
    return file.assertionResults
      .filter((test) => test.status !== 'passed')
      .map(
        (test) => `${name} > ${test.fullName}: ${test.status === 'failed' ? firstLine(test.failureMessages?.[0]) : `is ${test.status}`}`,
      );
  });
}

const [command, path, exitCode] = process.argv.slice(2);
const report = JSON.parse(readFileSync(path, 'utf8'));
const lines = command === 'counts' ? [counts(report, exitCode)] : failures(report);
for (const line of lines) console.log(line.length > MAX_LINE ? `${line.slice(0, MAX_LINE)}…` : line);
