import { randomBytes } from 'node:crypto';
import type { Environment, RunningService } from '../../model/environment.ts';
import type { Target, TargetService } from '../../model/target.ts';
import { createRunDir, openLedger, startLocal } from '../index.ts';

const UNPLACED = { image: null, composeService: null, resources: { memoryBytes: null, cpus: null }, url: null, adminUrl: null };

const POSTGRES: TargetService = {
  name: 'postgres',
  kind: 'postgres',
  critical: true,
  dependsOn: [],
  version: null,
  extensions: [],
  database: 'scratch',
  poolMax: null,
  ...UNPLACED,
};

const REDIS: TargetService = {
  name: 'redis',
  kind: 'redis',
  critical: true,
  dependsOn: [],
  version: null,
  maxmemoryBytes: null,
  policy: null,
  db: 0,
  ...UNPLACED,
};

export interface ScratchStore extends AsyncDisposable {
  /** The harness's own way in, to the scratch database. */
  readonly url: string;
  readonly environment: Environment;
}

/** A throw-away store for tests of other folders, started as every run starts it: from what `scripts/setup` provides. */
export async function scratchStore(kind: 'postgres' | 'redis'): Promise<ScratchStore> {
  const runId = `scratch-${process.pid}-${randomBytes(3).toString('hex')}`;
  const ledger = openLedger({ runId });
  const environment = await startLocal({
    runId,
    runDir: await createRunDir(runId, ledger),
    target: targetOf(kind === 'postgres' ? POSTGRES : REDIS),
    signal: new AbortController().signal,
    ledger,
    env: process.env,
    onProgress: () => {},
    onLost: () => {},
    allow: { hosts: [], faults: false },
  });
  const service = [...environment.services.values()].find((candidate) => candidate.kind === kind);
  if (service === undefined) throw new Error(`there is no ${kind}`); // invariant: it was asked for
  return {
    url: adminUrlOf(service),
    environment,
    async [Symbol.asyncDispose]() {
      await environment[Symbol.asyncDispose]();
      ledger.close();
    },
  };
}

function adminUrlOf({ kind, url, adminUrl }: RunningService): string {
  if (adminUrl === null) throw new Error('a store of our own has an admin'); // invariant: startLocal makes one
  return kind === 'postgres' ? Object.assign(new URL(adminUrl), { pathname: new URL(url).pathname }).toString() : adminUrl;
}

function targetOf(service: TargetService): Target {
  return {
    name: 'scratch',
    subject: { version: null, commit: null },
    services: [service],
    compose: null,
    bindings: {},
    stores: { tables: [], migrations: null },
    workload: { agents: 1, ratePerSecond: 1, distinctTexts: 1, mix: null, soakMs: 600_000 },
    claims: [],
  };
}
