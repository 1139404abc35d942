import type { Measurement } from '../model/measurement.ts';
import type { ServiceExit } from '../model/environment.ts';

/** Criteria that the supervisor measures itself, because no suite can: suites run only on services that are up. */
export const SERVICES_READY = 'preflight.services.ready';
export const SERVICES_STAY_UP = 'preflight.services.stay_up';

export function isOwn(id: string): boolean {
  return id === SERVICES_READY || id === SERVICES_STAY_UP;
}

export interface StartSeen {
  readonly service: string;
  readonly critical: boolean;
  /** null: ready. */
  readonly failure: string | null;
  /** null: the run did not start it. */
  readonly readyMs: number | null;
}

/** "Every critical service became ready": one attempt each, with what was last seen of those that did not; the others are witnesses. */
export function servicesReady(seen: readonly StartSeen[], window: Measurement['window']): Measurement {
  return {
    criterion: SERVICES_READY,
    observation: {
      kind: 'boolean',
      attempts: seen
        .filter(({ critical }) => critical)
        .map(({ service, failure, readyMs }) => ({
          ok: failure === null,
          note: failure ?? `${service} ${readyText(readyMs)}`,
        })),
    },
    evidence: 'measured',
    witnesses: seen.map(({ service, failure, readyMs }) => ({
      source: `readiness probe of ${service}`,
      saw: failure ?? readyText(readyMs),
    })),
    window,
    harnessFault: null,
  };
}

function readyText(readyMs: number | null): string {
  return readyMs === null ? 'answered' : `ready after ${Math.round(readyMs)} ms`;
}

/** "No service exits on its own": every service is watched for the whole run. */
export function servicesStayUp(watched: readonly string[], exits: readonly ServiceExit[], window: Measurement['window']): Measurement {
  return {
    criterion: SERVICES_STAY_UP,
    observation: { kind: 'count', trials: watched.length, count: exits.length, examples: exits.slice(0, 5).map(describeExit) },
    evidence: 'measured',
    witnesses: [{ source: 'process watch', saw: `${watched.length} services watched, ${exits.length} exits` }],
    window,
    harnessFault: null,
  };
}

export function describeExit(exit: ServiceExit): string {
  const how = exit.signal === null ? `exited with code ${exit.code ?? 'unknown'}` : `exited with signal ${exit.signal}`;
  const last = exit.logTail.at(-1);
  const who = exit.pid === null ? exit.service : `${exit.service} (pid ${exit.pid})`;
  return `${who} ${exit.cause ?? how}${last === undefined ? '' : `; last line of its log: ${last}`}`;
}
