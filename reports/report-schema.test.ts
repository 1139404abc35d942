import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { z } from 'zod';
import { recordGo } from './fixtures/record-go.ts';
import { recordNoGo } from './fixtures/record-no-go.ts';
import { recordPartial } from './fixtures/record-partial.ts';
import { renderJson } from './json.ts';
import { reportJsonSchema, runRecordSchema, type WritableRecord } from './report-schema.ts';

const validate = new Ajv2020({ strict: true, allErrors: true, validateFormats: false }).compile(reportJsonSchema());
const RECORDS = [recordGo(), recordNoGo(), recordPartial()];

function parsed(text: string): unknown {
  return JSON.parse(text);
}

describe('reportJsonSchema', () => {
  it('is the type of the record, both ways (the compiler checks this)', () => {
    expectTypeOf<z.infer<typeof runRecordSchema>>().toEqualTypeOf<WritableRecord>();
  });

  it.each(RECORDS)('accepts what is written as report.json', (record) => {
    const stored = parsed(renderJson(record));
    expect(validate(stored), JSON.stringify(validate.errors)).toBe(true);
    expect(runRecordSchema.safeParse(stored).success).toBe(true);
  });

  it('keeps every field of the record: parsing takes nothing away', () => {
    for (const record of RECORDS) expect(runRecordSchema.parse(parsed(renderJson(record)))).toEqual(record);
  });

  it('allows further fields, because adding one is not a breaking change', () => {
    expect(validate({ ...recordGo(), newInNextVersion: 1 })).toBe(true);
  });

  it.each([
    ['a missing verdict', { verdict: undefined }],
    ['an unknown verdict', { verdict: 'MAYBE' }],
    ['another schema version', { schemaVersion: 2 }],
    ['a state nobody knows', { criteria: [{ ...recordGo().criteria[0], state: 'PASSED' }] }],
    ['a value that is text', { criteria: [{ ...recordGo().criteria[0], value: '1' }] }],
    ['a sign-off, which this version does not write', { signoffs: [{ role: 'technical' }] }],
    ['an interval with one end', { criteria: [{ ...recordGo().criteria[0], interval: [1] }] }],
    ['a missing field', { criteria: [{ ...recordGo().criteria[0], interval: undefined }] }],
  ])('refuses %s', (_, change) => {
    const stored = parsed(JSON.stringify({ ...recordGo(), ...change }));
    expect([validate(stored), runRecordSchema.safeParse(stored).success]).toEqual([false, false]);
  });
});
