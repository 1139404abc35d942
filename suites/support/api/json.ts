export type Json = Readonly<Record<string, unknown>>;
/** A JSON schema of 2020-12; `true` is read as the empty one. */
export type Schema = Json;

/** The value when it is an object, else an empty one. */
export function asObject(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

export function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The beginning of a value as JSON, for a sentence. */
export function brief(value: unknown, length = 300): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, length);
}
