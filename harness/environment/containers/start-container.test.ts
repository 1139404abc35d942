import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import type { StartedTestContainer } from 'testcontainers';
import { PortInUseError } from '../errors.ts';
import { holdPort } from '../ports.ts';
import { StartRefused } from './container-plan.ts';
import { engineAt } from './engine.ts';
import { startContainer, type StartRequest } from './start-container.ts';

const engine = engineAt('unix:///nowhere/docker.sock');
const taken = Object.assign(new Error('(HTTP code 500) server error - Bind for 127.0.0.1:1 failed: port is already allocated '), {
  statusCode: 500,
});

/** Fails with each of `errors` in turn, then starts. */
async function request(
  errors: readonly Error[],
): Promise<{ readonly options: StartRequest; readonly starts: number[]; readonly port: number }> {
  const held = await holdPort('agent', null);
  const starts: number[] = [];
  const make = () => ({
    start(): Promise<StartedTestContainer> {
      const error = errors[starts.push(held.port) - 1];
      return error === undefined ? Promise.resolve({} as StartedTestContainer) : Promise.reject(error);
    },
  });
  const signal = new AbortController().signal;
  return { options: { engine, service: 'agent', held, signal, make, created: () => undefined }, starts, port: held.port };
}

it('tries again when somebody else had the port for a moment', async () => {
  const { options, starts } = await request([taken, taken]);
  await startContainer(options);
  expect(starts).toHaveLength(3);
});

it('names who has the port when it stays taken', async () => {
  const { options, port } = await request([taken, taken, taken]);
  await options.held.release();
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  try {
    await expect(startContainer(options)).rejects.toThrow(PortInUseError);
    await expect(startContainer(options)).rejects.toThrow(`port ${String(port)} on 127.0.0.1 is already in use by`);
  } finally {
    server.close();
  }
});

it.each([
  ['exec: "x": executable file not found in $PATH', StartRefused, 'Its command "x" is not in its image.'],
  [
    'no space left on device',
    Error,
    'The container engine at unix:///nowhere/docker.sock could not start "agent": no space left on device.',
  ],
])('says who is to blame for %s', async (text, kind, message) => {
  const { options } = await request([Object.assign(new Error(text), { statusCode: 500 })]);
  const failed = startContainer(options);
  await expect(failed).rejects.toBeInstanceOf(kind);
  await expect(failed).rejects.toThrow(message);
});
