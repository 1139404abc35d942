import { describe, expect, it } from 'vitest';
import { countsBetween, type Counts, growthOf, leastOf, shapeOf, sizesUpTo, slopeOf, type StatementCount } from './statement-counts.ts';

const statement = (id: string, calls: number, more: Partial<StatementCount> = {}): StatementCount => ({
  id,
  text: `statement ${id}`,
  calls,
  totalMs: calls,
  rows: calls,
  blocks: 2 * calls,
  tempBlocks: 0,
  ...more,
});
const counts = (...statements: readonly StatementCount[]): Counts => new Map(statements.map((one) => [one.id, one]));

describe('counts of statements', () => {
  it('between two looks are what was called meanwhile, new statements whole', () => {
    const between = countsBetween(
      counts(statement('a', 5), statement('b', 7)),
      counts(statement('a', 8), statement('b', 7), statement('c', 1)),
    );
    expect([...between.values()]).toEqual([statement('a', 3), statement('c', 1)]);
  });

  it('of one request leave out what others asked beside it', () => {
    const least = leastOf([
      counts(statement('list', 1), statement('poll', 1)),
      counts(statement('list', 1, { blocks: 9 }), statement('poll', 2)),
      counts(statement('list', 1)),
    ]);
    expect([...least.values()]).toEqual([statement('list', 1)]);
  });

  it('that were never looked at are none', () => {
    expect(leastOf([])).toEqual(new Map());
  });
});

describe('the growth of calls', () => {
  const costs = (calls: (rows: number) => Counts) => [5, 20, 80].map((rows) => ({ rows, counts: calls(rows) }));

  it('is one per row where each row is read by itself, and names the statement', () => {
    const [steepest] = growthOf(costs((rows) => counts(statement('ids', 1), statement('row', rows))));
    expect(steepest).toMatchObject({ slope: 1, text: 'statement row', calls: [5, 20, 80] });
  });

  it('is 0 where the same is asked whatever the size', () => {
    expect(growthOf(costs(() => counts(statement('a', 1), statement('b', 3)))).map(({ slope }) => slope)).toEqual([0, 0, 0]);
  });

  it('is 0 for one statement that is written anew for every number of ids', () => {
    expect(growthOf(costs((rows) => counts(statement(`in ${rows}`, 1)))).find(({ text }) => text === null)?.slope).toBe(0);
  });

  it('is found when every row has a statement of its own', () => {
    const [steepest] = growthOf(costs((rows) => counts(...Array.from({ length: rows }, (_, row) => statement(`partition ${row}`, 1)))));
    expect(steepest).toMatchObject({ text: null, calls: [5, 20, 80], slope: 1 });
  });

  it('has no slope without two sizes', () => {
    expect(slopeOf([4, 4], [1, 9])).toBe(0);
    expect(slopeOf([], [])).toBe(0);
  });

  it.each([
    [80, [5, 20, 80]],
    [10, [1, 3, 10]],
    [4, [1, 2, 4]],
  ])('is measured up to %i rows at %j', (most, sizes) => {
    expect(sizesUpTo(most)).toEqual(sizes);
  });
});

describe('the shape of a statement', () => {
  it('has no values, no comments and one line', () => {
    expect(shapeOf(`select *\n  from t /* by a.b */ where name = 'O''Hara' and n > 4.5 and id = $1 and t2.x1 = 7`)).toBe(
      'select * from t where name = ? and n > ? and id = $1 and t2.x1 = ?',
    );
  });

  it.each([
    [`insert into t values ('a secret that was cut`, 'insert into t values (?'],
    [String.raw`select E'it\'s secret', 1`, 'select ?, ?'],
    ['select $$a secret$$, $a$one $$ more$a$, $1', 'select ?, ?, $1'],
  ])('has no values of %s', (sql, shape) => {
    expect(shapeOf(sql)).toBe(shape);
  });

  it('is cut where it is long', () => {
    expect(shapeOf('x'.repeat(500))).toHaveLength(162);
  });
});
