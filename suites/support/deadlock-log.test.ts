import { describe, expect, it } from 'vitest';
import { deadlocksIn, serializationFailuresIn } from './deadlock-log.ts';

const PREFIX = '2026-01-01 10:00:00.000 UTC [41] app@shop ';
const DEADLOCK = [
  `${PREFIX}ERROR:  deadlock detected`,
  `${PREFIX}DETAIL:  Process 41 waits for ShareLock on transaction 789; blocked by process 42.`,
  '\tProcess 42 waits for ShareLock on transaction 788; blocked by process 41.',
  "\tProcess 41: update orders set state = 'paid'",
  '\t  where id = 17',
  '\tProcess 42: update stock set n = n - 1 where id = $1',
  `${PREFIX}HINT:  See server log for query details.`,
  `${PREFIX}STATEMENT:  update orders set state = 'paid'`,
];

describe('the log of Postgres', () => {
  it('names both statements of a deadlock, without their values', () => {
    expect(deadlocksIn(DEADLOCK)).toEqual([
      { statements: ['update orders set state = ? where id = ?', 'update stock set n = n - ? where id = $1'] },
    ]);
  });

  it('tells each deadlock by itself, also one whose detail is missing', () => {
    expect(deadlocksIn([`${PREFIX}ERROR:  deadlock detected`, ...DEADLOCK])).toEqual([
      { statements: [] },
      { statements: expect.arrayContaining(['update stock set n = n - $?'.replace('$?', '?') + ' where id = $1']) as readonly string[] },
    ]);
  });

  it('is read as JSON too', () => {
    const detail = DEADLOCK.slice(1, 6)
      .map((line) => line.replace(`${PREFIX}DETAIL:  `, '').trimStart())
      .join('\n');
    const line = JSON.stringify({ error_severity: 'ERROR', message: 'deadlock detected', detail });
    expect(deadlocksIn([line])[0]?.statements).toHaveLength(2);
    expect(deadlocksIn(['{ deadlock detected'])).toEqual([]);
  });

  it('has none where somebody only speaks of deadlocks', () => {
    expect(deadlocksIn([`${PREFIX}STATEMENT:  select 'deadlock detected'`])).toEqual([]);
  });

  it('counts the transactions that were given up', () => {
    expect(
      serializationFailuresIn([
        `${PREFIX}ERROR:  could not serialize access due to concurrent update`,
        `${PREFIX}STATEMENT:  select 'could not serialize access'`,
        '{"message":"could not serialize access due to read/write dependencies among transactions"}',
      ]),
    ).toBe(2);
  });
});
