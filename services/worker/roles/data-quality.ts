import { operation, share } from '../operation.ts';
import { recordsInput, type DataRecord } from '../records.ts';
import type { Role } from '../role.ts';

interface Violation {
  readonly index: number;
  readonly rule: string;
}

/** How complete records are, and which of them break a rule. */
export const DATA_QUALITY: Role = {
  profile: operation({
    schema: recordsInput,
    run: ({ records }) => {
      const names = [...new Set(records.flatMap((record) => Object.keys(record)))].toSorted();
      const fields = names.map((name) => profileOf(name, records));
      const filled = fields.reduce((sum, field) => sum + field.filled, 0);
      return { result: { rows: records.length, fields }, confidence: share(filled, names.length * records.length) };
    },
  }),
  validate: operation({
    schema: recordsInput,
    run: ({ records }) => {
      const violations = [...missingIds(records), ...repeatedIds(records), ...negativeNumbers(records)];
      const bad = new Set(violations.map(({ index }) => index));
      return {
        result: { rows: records.length, violations: violations.slice(0, 100) },
        confidence: share(records.length - bad.size, records.length),
      };
    },
  }),
};

function profileOf(
  name: string,
  records: readonly DataRecord[],
): { readonly name: string; readonly filled: number; readonly distinct: number } {
  const values = records.map((record) => record[name]).filter((value) => value !== undefined && value !== null && value !== '');
  return { name, filled: values.length, distinct: new Set(values).size };
}

function missingIds(records: readonly DataRecord[]): readonly Violation[] {
  return records.flatMap((record, index) =>
    record['id'] === undefined || record['id'] === null || record['id'] === '' ? [{ index, rule: 'id is there' }] : [],
  );
}

function repeatedIds(records: readonly DataRecord[]): readonly Violation[] {
  const seen = new Set<unknown>();
  return records.flatMap((record, index) => {
    const repeated = record['id'] !== undefined && seen.has(record['id']);
    seen.add(record['id']);
    return repeated ? [{ index, rule: 'id is unique' }] : [];
  });
}

function negativeNumbers(records: readonly DataRecord[]): readonly Violation[] {
  return records.flatMap((record, index) => {
    const field = Object.entries(record).find(([, value]) => typeof value === 'number' && value < 0);
    return field === undefined ? [] : [{ index, rule: `${field[0]} is not negative` }];
  });
}
