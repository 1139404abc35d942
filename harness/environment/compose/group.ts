import { setTimeout as delay } from 'node:timers/promises';
import type { Incapacities } from '../../model/environment.ts';
import { leftoversOf, removeDirectory } from '../clean-up.ts';
import type { Engine } from '../containers/engine.ts';
import { removeRunResources, runResources } from '../containers/engine-clean-up.ts';
import type { EngineWatch } from '../containers/engine-watch.ts';
import { type Ports, releaseAll } from '../hold-ports.ts';
import type { StartOptions } from '../provider.ts';
import { endRunProcesses } from '../run-processes.ts';
import { ServiceGroup } from '../service-group.ts';
import type { ComposeProject } from './project.ts';
import type { ProjectEvents } from './project-events.ts';

const STRAYS = { graceMs: 100, quietMs: 0, deadlineMs: 1_000 };
const SETTLE_MS = 1_500;
const REMOVAL = { deadlineMs: 5_000, absentMs: 500 };

/** What exists of the environment so far: written while it starts, read when it is disposed of. */
export interface Frame {
  engine: Engine | null;
  watch: EngineWatch | null;
  events: ProjectEvents | null;
  project: ComposeProject | null;
  ports: Ports;
  readonly cannot: { -readonly [Name in keyof Incapacities]: Incapacities[Name] };
}

export function composeGroup({ ledger, runDir }: StartOptions, frame: Frame): ServiceGroup {
  const scope = () => ({ runId: ledger.runId, entries: ledger.entries() });
  return new ServiceGroup({
    provider: 'compose',
    cannot: frame.cannot,
    // What they stored is not needed any more: all of them are removed at once.
    dependsOn: new Map(),
    facts: {},
    stillCarried: async () => (await frame.watch?.stillThere()) ?? true,
    async cleanUp() {
      frame.events?.close();
      await endRunProcesses(scope(), STRAYS);
      // A compose that is interrupted while it makes the project takes it down itself, with a program of its own.
      if (frame.project !== null) await Promise.race([frame.project.settled(), delay(SETTLE_MS, undefined, { ref: false })]);
      await endRunProcesses(scope(), STRAYS);
      await releaseAll(frame.ports);
      if (frame.engine !== null) await removeRunResources(frame.engine, ledger.runId, REMOVAL);
      frame.watch?.close();
      await removeDirectory(runDir);
    },
    leftovers: async () => [...leftoversOf(scope()), ...(frame.engine === null ? [] : await runResources(frame.engine, ledger.runId))],
  });
}
