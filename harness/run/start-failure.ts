/** Why a service is not there, with the last thing it said; null for none. */
export function startFailureText(failure: { readonly reason: string; readonly logTail: readonly string[] }): string;
export function startFailureText(failure: { readonly reason: string; readonly logTail: readonly string[] } | undefined): string | null;
export function startFailureText(failure: { readonly reason: string; readonly logTail: readonly string[] } | undefined): string | null {
  if (failure === undefined) return null;
  const last = failure.logTail.findLast((line) => line.trim() !== '');
  return last === undefined ? failure.reason : `${failure.reason} Its log ends with: ${last}`;
}
