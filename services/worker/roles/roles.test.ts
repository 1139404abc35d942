import { describe, expect, it } from 'vitest';
import { DATA_QUALITY } from './data-quality.ts';
import { dice, ENTITY_MATCHING } from './entity-matching.ts';
import { FLORIDA_DATA } from './florida-data.ts';
import type { Role } from '../role.ts';
import { PERFORMANCE } from './performance.ts';
import { companyName, SUNBIZ } from './sunbiz.ts';

async function run(role: Role, name: string, parameters: unknown) {
  const operation = role[name];
  if (operation === undefined) throw new Error(`no operation ${name}`);
  return operation.run(parameters, { operationId: 'op', deadlineAtMs: performance.now() + 1000 });
}

describe('florida_data', () => {
  it('drops records without an id and trusts itself by their share', async () => {
    const { result, confidence } = await run(FLORIDA_DATA, 'extract', {
      records: [{ parcel_id: ' a1 ', City: ' New  Port ' }, { city: 'x' }],
    });
    expect(result).toMatchObject({ dropped: 1, records: [{ id: 'A1', city: 'New Port' }] });
    expect(confidence).toBe(0.5);
  });
  it('merges records with one id', async () => {
    expect((await run(FLORIDA_DATA, 'load', { records: [{ id: 1 }, { id: 1 }, { id: 2 }] })).result).toMatchObject({
      loaded: 2,
      merged: 1,
    });
  });
  it('has a checksum that does not depend on the order', async () => {
    const [a, b] = await Promise.all(
      [
        [1, 2],
        [2, 1],
      ].map((ids) => run(FLORIDA_DATA, 'load', { records: ids.map((id) => ({ id })) })),
    );
    expect(a?.result['checksum']).toBe(b?.result['checksum']);
  });
});

describe('data_quality', () => {
  it('names the rule that a record breaks', async () => {
    const { result } = await run(DATA_QUALITY, 'validate', { records: [{ id: 1 }, { id: 1 }, { id: 2, value: -1 }, {}] });
    expect(result['violations']).toEqual([
      { index: 3, rule: 'id is there' },
      { index: 1, rule: 'id is unique' },
      { index: 2, rule: 'value is not negative' },
    ]);
  });
  it('counts what is filled', async () => {
    const { result, confidence } = await run(DATA_QUALITY, 'profile', { records: [{ a: 1, b: null }, { a: 1 }] });
    expect(result['fields']).toEqual([
      { name: 'a', filled: 2, distinct: 1 },
      { name: 'b', filled: 0, distinct: 0 },
    ]);
    expect(confidence).toBe(0.5);
  });
});

describe('sunbiz', () => {
  it.each([
    ['Acme, Inc.', 'ACME'],
    ['ACME L.L.C.', 'ACME'],
    ['Cocoa Company', 'COCOA'],
  ])('reads %s as %s', (text, name) => expect(companyName(text)).toBe(name));
  it('leaves out what has no name', async () => {
    expect((await run(SUNBIZ, 'normalise', { records: [{ name: 'LLC' }, { name: 'A' }] })).result).toMatchObject({ unnamed: 1 });
  });
});

describe('entity_matching', () => {
  it('has 1 for the same and 0 for nothing in common', () => {
    expect([dice(new Set('ab'), new Set('ab')), dice(new Set('ab'), new Set('cd')), dice(new Set(), new Set())]).toEqual([1, 0, 0]);
  });
  it('finds the pair', async () => {
    const { result } = await run(ENTITY_MATCHING, 'match', {
      records: [{ name: 'BAYFRONT HOLDINGS' }, { name: 'EVERGLADES' }, { name: 'BAYFRONT HOLDING' }],
    });
    expect(result).toMatchObject({ compared: 3, matches: [{ a: 0, b: 2 }] });
  });
});

it('performance has nearest-rank percentiles', async () => {
  const { result, confidence } = await run(PERFORMANCE, 'summarise', { samples_ms: [10, 30, 20, 100] });
  expect(result).toEqual({ count: 4, mean_ms: 40, p50_ms: 20, p95_ms: 100, max_ms: 100 });
  expect(confidence).toBe(0.8);
});

it('refuses parameters of another shape', async () => {
  await expect(run(SUNBIZ, 'normalise', { records: 'all' })).rejects.toMatchObject({ code: 'validation_failed' });
});
