import type { TargetService } from '../model/target.ts';
import type { StartedEnvironment } from './environment-session.ts';
import type { StartSeen } from './own-criteria.ts';

/** Why a service is not there, with the last thing it said; null for none. */
export function startFailureText(failure: { readonly reason: string; readonly logTail: readonly string[] }): string;
export function startFailureText(failure: { readonly reason: string; readonly logTail: readonly string[] } | undefined): string | null;
export function startFailureText(failure: { readonly reason: string; readonly logTail: readonly string[] } | undefined): string | null {
  if (failure === undefined) return null;
  const last = failure.logTail.findLast((line) => line.trim() !== '');
  return last === undefined ? failure.reason : `${failure.reason} Its log ends with: ${last}`;
}

/** How the start of every service went. */
export function startsSeen(services: readonly TargetService[], environment: StartedEnvironment): readonly StartSeen[] {
  return services.map(({ name, critical }) => ({
    critical,
    service: name,
    failure: startFailureText(environment.startFailures.get(name)),
    readyMs: environment.services.get(name)?.readyMs ?? null,
  }));
}
