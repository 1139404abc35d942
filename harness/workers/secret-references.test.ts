import { describe, expect, test } from 'vitest';
import { fillReferences, fillTask, referenceTo, withoutSecrets } from './secret-references.ts';
import { planFixture, restFixture } from './testing/load-fixtures.ts';

describe('references to secrets', () => {
  test('are filled from the environment of the worker, its own variables first', () => {
    const filled = fillReferences(
      { a: [`Bearer ${referenceTo('TOKEN')}`], b: 1, c: null },
      { TOKEN: 'of others', MUSTER_SECRET_TOKEN: 'its own' },
    );
    expect(filled).toEqual({ value: { a: ['Bearer its own'], b: 1, c: null }, secrets: new Set(['its own']) });
    expect(fillReferences(referenceTo('TOKEN'), { TOKEN: 'plain' }).value).toBe('plain');
  });

  test('that cannot be filled are all named', () => {
    expect(() => fillReferences([referenceTo('A'), referenceTo('B')], { B: '' })).toThrow('MUSTER_SECRET_A, MUSTER_SECRET_B');
  });

  test('in the address of a store are asked for when an operation asks for the store', () => {
    const adminUrls = { postgres: `postgres://admin:${referenceTo('PG')}@127.0.0.1/shop` };
    const task = { ...restFixture({ url: 'http://127.0.0.1:1' }), plan: planFixture(), shard: { index: 0, of: 1 }, adminUrls };
    const { value } = fillTask(task, {});
    expect(JSON.stringify(value.adminUrls)).toBe('{}');
    expect(() => value.adminUrls['postgres']).toThrow('MUSTER_SECRET_PG');
    expect(fillTask(task, { PG: 'pw' }).value.adminUrls['postgres']).toBe('postgres://admin:pw@127.0.0.1/shop');
  });

  test('are not said back', () => {
    expect(withoutSecrets({ message: 'no: pw-long, pw' }, new Set(['pw', 'pw-long']))).toEqual({ message: 'no: [redacted], [redacted]' });
  });
});
