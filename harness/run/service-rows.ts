import type { RecordService } from '../model/record.ts';
import type { Target } from '../model/target.ts';
import type { StartedEnvironment } from './environment-session.ts';

/** Lines of each service's log kept in the record, and in the run folder. */
const TAIL_LINES = 40;
const STORED_LINES = 5_000;

/** Describes every service of the target as it was at the end of the run, and fetches the logs worth keeping. */
export async function serviceRows(
  target: Target,
  environment: StartedEnvironment,
): Promise<{ readonly rows: readonly RecordService[]; readonly logs: ReadonlyMap<string, readonly string[]> }> {
  const logs = new Map<string, readonly string[]>();
  const rows: RecordService[] = [];
  for (const service of target.services) {
    const running = environment.services.get(service.name);
    const lines = await environment.logTail(service.name, STORED_LINES);
    logs.set(service.name, lines);
    rows.push({
      name: service.name,
      kind: service.kind,
      critical: service.critical,
      url: running === undefined ? null : withoutCredentials(running.url),
      version: running?.version ?? null,
      pid: running?.pid ?? null,
      state: stateOf(environment, service.name),
      readyMs: running?.readyMs ?? null,
      restarts: running?.restarts ?? 0,
      logTail: lines.slice(-TAIL_LINES),
    });
  }
  return { rows, logs };
}

function stateOf(environment: StartedEnvironment, name: string): RecordService['state'] {
  if (environment.startFailures.has(name)) return 'never-ready';
  return environment.services.get(name)?.running === true ? 'running' : 'exited';
}

function withoutCredentials(url: string): string {
  const parsed = new URL(url);
  parsed.username = '';
  parsed.password = '';
  return parsed.toString();
}
