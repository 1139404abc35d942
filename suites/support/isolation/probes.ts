import { pairwise, type Probe, type Row } from './probe.ts';

const ALL = 'select id, value from $t order by id';
const THIRDS = 'select id, value from $t where value % 3 = 0 order by id';
const one = (id: number): string => `select id, value from $t where id = ${id}`;
const set = (id: number, value: number): string => `update $t set value = ${value} where id = ${id}`;
const holds = (rows: readonly Row[], value: number): boolean => rows.some((row) => row.value === value);

/** Which transaction of OTV wrote it: none, the first, the second. */
const WRITER: Readonly<Record<number, number>> = { 10: 0, 20: 0, 11: 1, 19: 1, 12: 2, 18: 2 };

/** Martin Kleppmann's Hermitage: what two or three transactions can do to each other, on the rows (1, 10) and (2, 20). */
export const PROBES: readonly Probe[] = [
  {
    name: 'G0',
    what: 'writes of two transactions are interleaved',
    steps: [
      [1, set(1, 11)],
      [2, set(1, 12)],
      [1, set(2, 21)],
      [1, 'commit'],
      [2, set(2, 22)],
      [2, 'commit'],
    ],
    happened: ({ left }) => (holds(left, 11) && holds(left, 22)) || (holds(left, 12) && holds(left, 21)),
  },
  {
    name: 'G1a',
    what: 'a read sees what is rolled back afterwards',
    steps: [
      [1, set(1, 101)],
      [2, ALL, 'during'],
      [1, 'rollback'],
      [2, ALL, 'after'],
      [2, 'commit'],
    ],
    happened: ({ read }) => holds(read('during'), 101) || holds(read('after'), 101),
  },
  {
    name: 'G1b',
    what: 'a read sees a value that its writer replaces before it commits',
    steps: [
      [1, set(1, 101)],
      [2, ALL, 'during'],
      [1, set(1, 11)],
      [1, 'commit'],
      [2, ALL, 'after'],
      [2, 'commit'],
    ],
    happened: ({ read }) => holds(read('during'), 101) || holds(read('after'), 101),
  },
  {
    name: 'G1c',
    what: 'two transactions each see what the other has not committed',
    steps: [
      [1, set(1, 11)],
      [2, set(2, 22)],
      [1, one(2), 'first'],
      [2, one(1), 'second'],
      [1, 'commit'],
      [2, 'commit'],
    ],
    happened: ({ read }) => holds(read('first'), 22) && holds(read('second'), 11),
  },
  {
    name: 'OTV',
    what: 'what a transaction wrote is seen, and then what was there before it',
    steps: [
      [1, set(1, 11)],
      [1, set(2, 19)],
      [2, set(1, 12)],
      [1, 'commit'],
      [3, one(1), 'a'],
      [2, set(2, 18)],
      [3, one(2), 'b'],
      [2, 'commit'],
      [3, one(2), 'c'],
      [3, one(1), 'd'],
      [3, 'commit'],
    ],
    happened: ({ read }) => {
      const writers = ['a', 'b', 'c', 'd'].flatMap(read).map(({ value }) => WRITER[value] ?? 0);
      return pairwise(writers).some(([earlier, later]) => later < earlier);
    },
  },
  {
    name: 'PMP',
    what: 'a row appears among those that a condition had been asked for',
    steps: [
      [1, THIRDS, 'first'],
      [2, 'insert into $t (id, value) values (3, 30)'],
      [2, 'commit'],
      [1, THIRDS, 'second'],
      [1, 'commit'],
    ],
    happened: ({ read }) => read('second').length > read('first').length,
  },
  {
    name: 'PMP write',
    what: 'a delete by a condition leaves a row that fulfils it',
    steps: [
      [1, 'update $t set value = value + 10'],
      [2, 'delete from $t where value = 20'],
      [1, 'commit'],
      [2, 'select id, value from $t where value = 20', 'left'],
      [2, 'commit'],
    ],
    happened: ({ read }) => read('left').length > 0,
  },
  {
    name: 'P4',
    what: 'an update is lost: both read, both write, both commit',
    steps: [
      [1, one(1), 'first'],
      [2, one(1), 'second'],
      [1, set(1, 11)],
      [2, set(1, 12)],
      [1, 'commit'],
      [2, 'commit'],
    ],
    happened: ({ committed }) => committed(1) && committed(2),
  },
  {
    name: 'G-single',
    what: 'one transaction sees a part of the other: read skew',
    steps: [
      [1, one(1), 'first'],
      [2, one(1)],
      [2, one(2)],
      [2, set(1, 12)],
      [2, set(2, 18)],
      [2, 'commit'],
      [1, one(2), 'second'],
      [1, 'commit'],
    ],
    happened: ({ read }) => holds(read('first'), 10) && holds(read('second'), 18),
  },
  {
    name: 'G2-item',
    what: 'two transactions read the same rows and each changes another of them: write skew',
    steps: [
      [1, ALL],
      [2, ALL],
      [1, set(1, 11)],
      [2, set(2, 21)],
      [1, 'commit'],
      [2, 'commit'],
    ],
    happened: ({ committed }) => committed(1) && committed(2),
  },
  {
    name: 'G2',
    what: 'two transactions ask by a condition and each adds a row that fulfils it',
    steps: [
      [1, THIRDS],
      [2, THIRDS],
      [1, 'insert into $t (id, value) values (3, 30)'],
      [2, 'insert into $t (id, value) values (4, 42)'],
      [1, 'commit'],
      [2, 'commit'],
    ],
    happened: ({ committed }) => committed(1) && committed(2),
  },
];
