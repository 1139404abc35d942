import { describe, expect, it } from 'vitest';
import { parseProjectEvent } from './project-events.ts';

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
