import { createHash } from 'node:crypto';
import { operation, share } from '../operation.ts';
import { recordsInput, type DataRecord } from '../records.ts';
import type { Role } from '../role.ts';

/** Property records: read into one form, then made ready for loading. */
export const FLORIDA_DATA: Role = {
  extract: operation({
    schema: recordsInput,
    run: ({ records }) => {
      const normalised = records.map(normalise).filter((record) => record !== null);
      const dropped = records.length - normalised.length;
      return {
        result: { records: normalised, extracted: normalised.length, dropped },
        confidence: share(normalised.length, records.length),
      };
    },
  }),
  load: operation({
    schema: recordsInput,
    run: ({ records }) => {
      const byId = new Map(records.map((record) => [String(record['id']), record]));
      const checksum = createHash('sha256')
        .update(JSON.stringify([...byId.entries()].toSorted(byKey)))
        .digest('hex');
      return { result: { loaded: byId.size, merged: records.length - byId.size, checksum }, confidence: share(byId.size, records.length) };
    },
  }),
};

/** null when the record has no id: it could not be found again. */
function normalise(record: DataRecord): DataRecord | null {
  const id = record['id'] ?? record['parcel_id'];
  if (id === undefined || id === null || id === '') return null;
  const fields = Object.entries(record).map(([key, value]) => [
    key.trim().toLowerCase(),
    typeof value === 'string' ? value.trim().replace(/\s+/gu, ' ') : value,
  ]);
  return { ...(Object.fromEntries(fields) as DataRecord), id: String(id).trim().toUpperCase() };
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : Number(a > b);
}
