import { expect, test } from 'vitest';
import { describeWorkers, workerFindings } from './doctor-workers.ts';

test('one worker is not worth a word, as many as processors are worth a warning', () => {
  expect(workerFindings(1, 1)).toEqual([]);
  expect(workerFindings(2, 4)).toMatchObject([{ level: 'ok', text: 'load comes from 2 workers of this machine' }]);
  expect(workerFindings(4, 4)).toMatchObject([{ level: 'warning' }]);
});

test('a queue is named without its password', () => {
  expect(describeWorkers('redis://:of-the-queue@q:6379')).toBe('the workers that have joined redis://:[redacted]@q:6379');
  expect(JSON.stringify(workerFindings('redis://:of-the-queue@q:6379', 4))).not.toContain('of-the-queue');
});
