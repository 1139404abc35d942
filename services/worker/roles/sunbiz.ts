import { operation, share } from '../operation.ts';
import { recordsInput } from '../records.ts';
import type { Role } from '../role.ts';

const LEGAL_FORM = /\b(?:inc|incorporated|llc|l l c|corp|corporation|co|company|ltd|limited|lp|llp|pa|na)\b/giu;

/** Company registrations: names in the form in which they can be compared. */
export const SUNBIZ: Role = {
  normalise: operation({
    schema: recordsInput,
    run: ({ records }) => {
      const named = records
        .map((record) => ({ ...record, name: companyName(String(record['name'] ?? '')) }))
        .filter(({ name }) => name !== '');
      return { result: { records: named, unnamed: records.length - named.length }, confidence: share(named.length, records.length) };
    },
  }),
};

/** Upper case, without punctuation and legal form: "Acme, Inc." and "ACME LLC" are both "ACME". */
export function companyName(text: string): string {
  const plain = text.normalize('NFKD').replace(/[^\p{L}\p{N}]+/gu, ' ');
  return plain.replace(LEGAL_FORM, ' ').replace(/\s+/gu, ' ').trim().toUpperCase();
}
