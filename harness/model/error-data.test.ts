import { expect, it } from 'vitest';
import { fromErrorData, toErrorData } from './error-data.ts';
import { MusterError } from './errors.ts';

const throughJson = (error: unknown): Error =>
  fromErrorData(JSON.parse(JSON.stringify(toErrorData(error))) as ReturnType<typeof toErrorData>);

it('brings a MusterError to another process with its code, exit code and hint', () => {
  class PortTaken extends MusterError {
    override name = 'PortTaken';
  }
  const error = throughJson(new PortTaken('Port 1 is taken.', { code: 'MUSTER_PORT', blame: 'environment', hint: 'Free it.' }));

  expect(error).toBeInstanceOf(MusterError);
  expect(error).toMatchObject({ name: 'PortTaken', message: 'Port 1 is taken.', code: 'MUSTER_PORT', hint: 'Free it.', exitCode: 69 });
});

it('keeps name, message and stack of any other error, and the text of what is none', () => {
  const thrown = new TypeError('x is not a function');

  expect(throughJson(thrown)).toMatchObject({ name: 'TypeError', message: 'x is not a function', stack: thrown.stack });
  expect(throughJson('just text')).toMatchObject({ name: 'Error', message: 'just text' });
});
