import { setTimeout as delay } from 'node:timers/promises';
import { monotonicMs } from '../model/clock.ts';
import { messageOf } from '../model/errors.ts';
import { composeProject, mayBeLeft } from './containers/labels.ts';
import type { RunScope } from './run-processes.ts';

const GIVE_UP_MS = 10_000;
const ASK_AGAIN_MS = 100;

/** How long a clean-up waits for engines. */
export interface Patience {
  /** Milliseconds for which an engine that does not answer is asked again: it may be restarting. */
  readonly absentMs: number;
  /** Milliseconds for which nothing of the run may show up on an engine. */
  readonly quietMs: number;
  /** Why no engine answers at an address; null when one does. */
  readonly whyAbsent: (address: string) => Promise<string | null>;
}

export interface EngineCleanUp {
  readonly done: readonly string[];
  readonly left: readonly string[];
  /** What nobody could look at, in sentences: the engine does not answer. */
  readonly unknown: readonly string[];
}

/** Engines on which the run may have made things. A row that does not carry the run's own project is none of ours. */
export function enginesOf({ runId, entries }: RunScope): string[] {
  const rows = entries.flatMap((entry) => (entry.kind === 'engine' && entry.project === composeProject(runId) ? [entry.address] : []));
  return [...new Set(rows)];
}

/** Removes what the run made on its engines. The client is loaded only when there is one that answers. */
export async function cleanUpEngines(scope: RunScope, patience: Patience): Promise<EngineCleanUp> {
  const parts = await Promise.all(enginesOf(scope).map((address) => cleanUpEngine(address, scope.runId, patience)));
  return {
    done: parts.flatMap(({ done }) => done),
    left: parts.flatMap(({ left }) => left),
    unknown: parts.flatMap(({ unknown }) => unknown),
  };
}

/** What of the run is still on its engines, in words; empty, and nothing is asked, when it has none. */
export async function leftOnEngines(scope: RunScope): Promise<string[]> {
  const engines = enginesOf(scope);
  if (engines.length === 0) return [];
  const [{ engineAt }, { runResources }] = await Promise.all([import('./containers/engine.ts'), import('./containers/engine-clean-up.ts')]);
  return (await Promise.all(engines.map((address) => runResources(engineAt(address), scope.runId)))).flat();
}

async function cleanUpEngine(address: string, runId: string, patience: Patience): Promise<EngineCleanUp> {
  const reason = await stillAbsent(address, patience);
  if (reason !== null) return { done: [], left: [], unknown: [mayBeLeft(address, runId, reason)] };
  try {
    const [{ engineAt }, { removeRunResources }] = await Promise.all([
      import('./containers/engine.ts'),
      import('./containers/engine-clean-up.ts'),
    ]);
    const { done, left, absent } = await removeRunResources(engineAt(address), runId, { deadlineMs: GIVE_UP_MS, ...patience });
    return { done, left: absent ? [] : left, unknown: absent ? left : [] };
  } catch (error) {
    // The rest of the clean-up must not suffer from a client that cannot be loaded.
    return { done: [], left: [], unknown: [mayBeLeft(address, runId, messageOf(error))] };
  }
}

async function stillAbsent(address: string, { absentMs, whyAbsent }: Patience): Promise<string | null> {
  const endMs = monotonicMs() + absentMs;
  for (;;) {
    const reason = await whyAbsent(address);
    if (reason === null || monotonicMs() >= endMs) return reason;
    await delay(ASK_AGAIN_MS);
  }
}
