import type { ComposeConfig, Dependency } from './config.ts';
import type { ServiceState } from './project-events.ts';

/** The service because of which another was not started. */
export interface Guilty {
  readonly service: string;
  /** Clause that follows its name: `exited with code 3`. */
  readonly what: string;
}

/** Follows `depends_on` down to the service that holds `service` up; null when all it waits for is as it should be. */
export function guiltyOf(service: string, config: ComposeConfig, states: ReadonlyMap<string, ServiceState>): Guilty | null {
  for (const dependency of config.services.get(service)?.dependsOn ?? []) {
    if (!config.services.has(dependency.service)) continue; // not required, and of another profile
    const state = states.get(dependency.service) ?? null;
    if (state?.started !== true)
      return guiltyOf(dependency.service, config, states) ?? { service: dependency.service, what: 'was not started' };
    const what = complaint(dependency, state);
    if (what !== null) return { service: dependency.service, what };
  }
  return null;
}

function complaint({ condition }: Dependency, { running, exitCode, health }: ServiceState): string | null {
  const ended = `exited with code ${String(exitCode ?? 'unknown')}`;
  if (condition === 'service_completed_successfully') {
    if (running) return 'has not ended yet';
    return exitCode === 0 ? null : ended;
  }
  if (!running) return ended;
  if (condition === 'service_started' || health === 'healthy') return null;
  return health === 'unhealthy' ? 'has a healthcheck that fails' : 'has a healthcheck that is not green yet';
}

/** Services whose healthcheck others wait for. */
export function awaitedHealthy(config: ComposeConfig): ReadonlySet<string> {
  const dependencies = [...config.services.values()].flatMap(({ dependsOn }) => dependsOn);
  return new Set(dependencies.flatMap(({ service, condition }) => (condition === 'service_healthy' ? [service] : [])));
}

/** Longest time until compose may start a service: each of the chain it depends on has its own time to get ready. */
export function patienceMs(service: string, config: ComposeConfig, withinMs: (service: string) => number): number {
  const waits = (config.services.get(service)?.dependsOn ?? []).map(
    ({ service: other }) => patienceMs(other, config, withinMs) + withinMs(other),
  );
  return Math.max(START_MS, ...waits);
}

const START_MS = 20_000;
