import { DatabaseError } from 'pg';
import { describe, expect, it } from 'vitest';
import { translateDatabaseError } from './errors.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { checksumOf } from './migrations/migration.ts';
import { missing } from './migrator.ts';

const applied = (count: number) =>
  MIGRATIONS.slice(0, count).map((migration) => ({ version: migration.version, checksum: checksumOf(migration) }));

describe('missing migrations', () => {
  it('are all on an empty database and none at the head', () => {
    expect(missing(MIGRATIONS, [])).toEqual(MIGRATIONS);
    expect(missing(MIGRATIONS, applied(MIGRATIONS.length))).toEqual([]);
  });
  it('are those after the last applied one', () => {
    expect(missing(MIGRATIONS, applied(1)).map(({ version }) => version)).toEqual(MIGRATIONS.slice(1).map(({ version }) => version));
  });
  it('cannot be told when an applied one was edited', () => {
    const [first] = applied(1);
    expect(() => missing(MIGRATIONS, [{ version: first?.version ?? '', checksum: 'other' }])).toThrow(
      'was edited after it had been applied',
    );
  });
  it('cannot be told when the database has one that this program does not know', () => {
    expect(() => missing(MIGRATIONS, [...applied(MIGRATIONS.length), { version: '999_x', checksum: '' }])).toThrow(
      '999_x where none was expected',
    );
  });
  it('are in the order of their names', () => {
    const versions = MIGRATIONS.map(({ version }) => version);
    expect(versions).toEqual(versions.toSorted());
  });
});

describe('translateDatabaseError', () => {
  const withCode = (code: string) => Object.assign(new DatabaseError('x', 1, 'error'), { code });
  it.each([
    ['57P01', 'dependency_unavailable'],
    ['53300', 'dependency_unavailable'],
    ['40P01', 'dependency_unavailable'],
    ['42P01', 'dependency_unavailable'],
    ['57014', 'timeout'],
    ['22P05', 'validation_failed'],
    ['23503', 'conflict'],
    ['23505', 'already_exists'],
    ['23514', 'validation_failed'],
  ])('tells %s as %s', (code, told) => expect(translateDatabaseError(withCode(code))?.code).toBe(told));
  it.each(['Connection terminated unexpectedly', 'timeout exceeded when trying to connect', 'Query read timeout'])(
    'knows "%s"',
    (message) => {
      expect(translateDatabaseError(new Error(message))?.code).toBe('dependency_unavailable');
    },
  );
  it('leaves a mistake of ours alone', () => {
    expect(translateDatabaseError(withCode('42601'))).toBe(null);
    expect(translateDatabaseError(new TypeError('x is undefined'))).toBe(null);
  });
});
