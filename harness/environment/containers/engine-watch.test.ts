import { expect, it } from 'vitest';
import { parseEvent } from './engine-watch.ts';

it('reads the life of a container from an event', () => {
  expect(parseEvent('{"Type":"container","Action":"die","Actor":{"ID":"ab12","Attributes":{"exitCode":"137"}},"time":12}')).toEqual({
    action: 'die',
    container: 'ab12',
    atS: 12,
  });
});

it.each(['', '{', 'null', '{"Action":"exec_start: sh","Actor":{"ID":"a"}}', '{"Action":"die"}', '{"Action":"die","Actor":{"ID":7}}'])(
  'takes nothing from %s',
  (line) => {
    expect(parseEvent(line)).toBeNull();
  },
);
