import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { describe, expect, it } from 'vitest';
import { parseProjectEvent, ProjectEvents } from './project-events.ts';

function event(Action: string, attributes: object = {}): string {
  return JSON.stringify({
    Type: 'container',
    Action,
    Actor: { ID: 'c1', Attributes: { 'com.docker.compose.service': 'db', ...attributes } },
  });
}

describe('parseProjectEvent', () => {
  it.each([
    ['start', {}, { started: true, running: true, health: null }],
    ['die', { exitCode: '137' }, { running: false, exitCode: 137 }],
    ['health_status: unhealthy', {}, { health: 'unhealthy' }],
  ])('%s', (action, attributes, change) => {
    expect(parseProjectEvent(event(action, attributes))).toEqual({ service: 'db', container: 'c1', change });
  });

  it.each([event('exec_start: pg_isready'), '{"Action":"start"}', '{"Act', ''])('nothing in %s', (line) => {
    expect(parseProjectEvent(line)).toBeNull();
  });
});

it('lets go of a stream that it gets after it was closed', async () => {
  const stream = new Readable({ read: () => undefined });
  const docker = { getEvents: () => Promise.resolve(stream) };
  const events = new ProjectEvents({ address: 'unix:///engine.sock', docker: docker as unknown as Docker }, 'muster-r1');
  const opening = events.open();
  events.close();
  await opening;
  expect(stream.destroyed).toBe(true);
});

it('blames the engine when it does not answer', async () => {
  const docker = { listContainers: () => Promise.reject(new Error('connect ECONNREFUSED /engine.sock')) };
  const events = new ProjectEvents({ address: 'unix:///engine.sock', docker: docker as unknown as Docker }, 'muster-r1');
  await expect(events.refresh()).rejects.toMatchObject({ code: 'MUSTER_ENGINE_LOST', exitCode: 69 });
});
