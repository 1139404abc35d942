/** One JSON line per event on stdout; the environment keeps the file. */
export interface Log {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

export type LogFields = Readonly<Record<string, unknown>>;

export function createLog(service: string): Log {
  const write = (level: string, event: string, fields: LogFields = {}): void => {
    console.log(JSON.stringify({ at: new Date().toISOString(), level, service, event, ...fields }));
  };
  return {
    info: (event, fields) => write('info', event, fields),
    warn: (event, fields) => write('warn', event, fields),
    error: (event, fields) => write('error', event, fields),
  };
}

/** The text of anything that was thrown; the causes of an AggregateError (a refused dial) joined. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}

/**
 * A logger for failures that repeat while a dependency is away: writes the first, then at most one per `everyMs` with the
 * number of those it swallowed.
 */
export function rateLimited(write: (fields: LogFields) => void, everyMs: number): (error: unknown) => void {
  let nextAtMs = 0;
  let suppressed = 0;
  return (error) => {
    const nowMs = performance.now();
    if (nowMs < nextAtMs) {
      suppressed++;
      return;
    }
    nextAtMs = nowMs + everyMs;
    write({ error: messageOf(error), suppressed });
    suppressed = 0;
  };
}
