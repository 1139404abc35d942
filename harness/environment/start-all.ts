import { MusterError } from '../model/errors.ts';
import type { TargetService } from '../model/target.ts';
import { type StartFailure, StoreStartError } from './errors.ts';
import type { ServiceGroup } from './service-group.ts';

export interface StartAllOptions {
  readonly services: readonly TargetService[];
  readonly signal: AbortSignal;
  readonly onProgress: (text: string, service: string) => void;
  /** What to do about a store that did not start; a full sentence. */
  readonly storeHint: string;
}

/**
 * Starts each service as soon as those it depends on are ready. One of the target's own that does not start becomes a start failure;
 * a store that fails ends the start of all others.
 * @throws StoreStartError; the signal's reason when it aborts.
 */
export async function startAll(group: ServiceGroup, options: StartAllOptions): Promise<void> {
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  const started = new Map<string, Promise<boolean>>();
  const start = (name: string): Promise<boolean> => {
    const service = options.services.find((candidate) => candidate.name === name);
    const known = service === undefined ? Promise.resolve(false) : started.get(name);
    if (known !== undefined) return known;
    const dependsOn = service?.dependsOn ?? [];
    const result = Promise.all(dependsOn.map(start)).then((ready) =>
      startOne(
        name,
        dependsOn.filter((_, index) => ready[index] === false),
        { ...options, group, signal },
      ),
    );
    started.set(name, result);
    result.catch((error: unknown) => {
      failed.abort(error);
    });
    return result;
  };
  const results = await Promise.allSettled(options.services.map(({ name }) => start(name)));
  if (results.some(({ status }) => status === 'rejected')) throw failed.signal.reason;
}

interface StartContext extends StartAllOptions {
  readonly group: ServiceGroup;
}

async function startOne(name: string, missing: readonly string[], context: StartContext): Promise<boolean> {
  const { group, signal, onProgress } = context;
  const unit = group.unit(name);
  const failure = missing.length > 0 ? notStarted(missing) : await unit.launch(signal);
  if (failure === null) {
    onProgress(`ready after ${String(Math.round(unit.readyMs ?? 0))} ms on port ${String(unit.port)}`, name);
    return true;
  }
  if (unit.kind !== 'http') throw new StoreStartError(name, failure, context.storeHint);
  group.startFailures.set(name, failure);
  onProgress(`did not start: ${failure.reason}`, name);
  return false;
}

function notStarted(missing: readonly string[]): StartFailure {
  const names = missing.map((name) => `"${name}"`).join(' and ');
  const reason = `It was not started, because it depends on ${names}, which did not get ready.`;
  return { reason, attempts: 0, lastSeen: null, waitedMs: 0, exit: null, logTail: [] };
}

/** @throws MusterError (config) when services wait for each other or for one that does not exist. */
export function requireStartOrder(services: readonly Pick<TargetService, 'name' | 'dependsOn'>[]): void {
  const placed = new Set<string>();
  for (let before = -1; before !== placed.size; ) {
    before = placed.size;
    for (const { name, dependsOn } of services) if (dependsOn.every((other) => placed.has(other))) placed.add(name);
  }
  const stuck = services.filter(({ name }) => !placed.has(name)).map(({ name }) => name);
  if (stuck.length === 0) return;
  throw new MusterError(`These services can never start: ${stuck.join(', ')}; their dependsOn forms a circle or names no service.`, {
    code: 'MUSTER_START_ORDER',
    blame: 'config',
    hint: 'Correct dependsOn in the target file.',
  });
}
