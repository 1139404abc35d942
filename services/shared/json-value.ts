const MAX_DEPTH = 32;
/** NUL, which Postgres cannot store, and halves of surrogate pairs, which are not text. */
const UNSTORABLE = /\0|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

/** Why a JSON value cannot be stored or walked safely, or null. Does not recurse: depth is the caller's choice. */
export function jsonProblem(value: unknown): string | null {
  const open: { readonly value: unknown; readonly depth: number }[] = [{ value, depth: 0 }];
  for (let item = open.pop(); item !== undefined; item = open.pop()) {
    if (typeof item.value === 'string' && UNSTORABLE.test(item.value)) return 'text must not hold NUL or half a surrogate pair';
    if (typeof item.value !== 'object' || item.value === null) continue;
    if (item.depth >= MAX_DEPTH) return `the input is nested deeper than ${MAX_DEPTH} levels`;
    for (const [key, child] of Object.entries(item.value)) {
      if (UNSTORABLE.test(key)) return 'a key must not hold NUL or half a surrogate pair';
      open.push({ value: child, depth: item.depth + 1 });
    }
  }
  return null;
}
