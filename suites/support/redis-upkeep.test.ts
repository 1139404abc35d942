import { expect, it } from 'vitest';
import { clientsIn, costlyCommands, costsBetween, costsIn, growthOf } from './redis-upkeep.ts';

const INFO =
  'cmdstat_get:calls=10,usec=50,usec_per_call=5.00\r\ncmdstat_keys:calls=2,usec=90,usec_per_call=45\r\ncmdstat_client|list:calls=1,usec=9\r\n';

it('reads what commands have cost and what came since', () => {
  const before = costsIn(INFO);
  expect(before.get('get')).toEqual({ calls: 10, totalMs: 0.05 });
  expect([...before.keys()]).toEqual(['get', 'keys', 'client|list']);
  const after = costsIn(INFO.replace('keys:calls=2,usec=90', 'keys:calls=5,usec=590'));
  expect([...costsBetween(before, after)]).toEqual([['keys', { calls: 3, totalMs: 0.5 }]]);
});

it('takes everything of a server that was started anew', () => {
  const after = costsIn('cmdstat_get:calls=3,usec=3\r\n');
  expect([...costsBetween(costsIn(INFO), after).keys()]).toEqual(['get']);
});

it('names what goes through everything and what is slow again and again, and not what was slow once', () => {
  const costs = new Map([
    ['keys', { calls: 3, totalMs: 0.1 }],
    ['eval', { calls: 10, totalMs: 400 }],
    ['lrange', { calls: 1, totalMs: 500 }],
    ['get', { calls: 1000, totalMs: 20 }],
  ]);
  expect(costlyCommands(costs).map(({ count, sentence }) => [count, sentence.split(',')[0]])).toEqual([
    [3, '3 × KEYS'],
    [10, '10 × EVAL'],
  ]);
});

it.each([
  [[12, 16, 20, 24], 12],
  [[5, 9, 10, 10], 0],
  [[10, 8, 10, 9], 0],
  [[7], 0],
])('of connections after each round %j: %i were left behind', (counts, left) => expect(growthOf(counts)).toBe(left));

const CLIENT = (name: string, user: string, db: number): string =>
  `id=7 addr=10.0.0.1:5000 laddr=10.0.0.2:6379 fd=8 name=${name} age=1 db=${db} sub=0 user=${user} lib-name=`;

it('tells the connections of the target from those of others on the same server, and never counts its own', () => {
  const list = [
    CLIENT('api', 'shop', 2),
    CLIENT('', 'shop', 2),
    CLIENT('crm', 'default', 2),
    CLIENT('', 'shop', 0),
    CLIENT('muster-observer', 'shop', 2),
  ];
  expect(clientsIn(list.join('\n'), 'redis://shop:secret@redis/2')).toEqual({ target: ['api', ''], others: ['crm', ''] });
  expect(clientsIn(`${list.join('\n')}\n`, 'redis://:secret@redis')).toEqual({ target: ['api', '', 'crm', ''], others: [] });
  expect(clientsIn([CLIENT('x', 'default', 0), CLIENT('y', 'default', 1)].join('\n'), 'redis://redis/0')).toEqual({
    target: ['x'],
    others: ['y'],
  });
});
