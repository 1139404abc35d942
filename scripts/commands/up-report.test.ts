import { expect, it } from 'vitest';
import { EXIT_CODE } from '../../harness/model/state.ts';
import { Interruption } from '../../harness/supervisor.ts';
import { cutShortError } from './up-report.ts';

it.each([
  ['the container engine at unix:///x stopped answering', EXIT_CODE.ENVIRONMENT, EXIT_CODE.ENVIRONMENT],
  ['interrupted by SIGINT', EXIT_CODE.SIGINT, EXIT_CODE.SIGINT],
])('a start that was cut short because %s exits with the code that says whose doing it was', (reason, exitCode, expected) => {
  const error = cutShortError(new Interruption(reason, exitCode));
  expect(error).toMatchObject({ exitCode: expected, message: `The start of the stack was cut short: ${reason}.` });
});
