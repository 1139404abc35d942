import type { Criterion } from '../model/criterion.ts';
import type { Measurement } from '../model/measurement.ts';
import type { RunPlan } from '../model/plan.ts';
import type { HttpService, Target } from '../model/target.ts';

/** A boolean P0 criterion, for tests. */
export function criterionFixture(id: string, changes: Partial<Criterion> = {}): Criterion {
  return {
    id,
    suite: id.split('.')[0] ?? '',
    severity: 'P0',
    claim: `claim of ${id}`,
    kind: 'boolean',
    unit: null,
    pass: null,
    nogo: null,
    minSamples: 1,
    requires: [],
    dependsOn: [],
    owner: 'technical',
    hint: 'Mend it.',
    weight: 1,
    confidence: 0.95,
    notApplicable: null,
    ...changes,
  };
}

export function targetFixture(changes: Partial<Target> = {}): Target {
  return {
    name: 'fixture',
    subject: { version: null, commit: null },
    services: [],
    compose: null,
    bindings: {},
    stores: { tables: [], migrations: null },
    workload: { agents: 1, ratePerSecond: 1, distinctTexts: 1, mix: null, soakMs: 600_000 },
    claims: [],
    ...changes,
  };
}

/** A service `web` that is run by a command, for tests. */
export function httpServiceFixture(changes: Partial<HttpService> = {}): HttpService {
  return {
    name: 'web',
    kind: 'http',
    critical: true,
    dependsOn: [],
    image: null,
    composeService: null,
    resources: { memoryBytes: null, cpus: null },
    url: null,
    build: null,
    containerCommand: null,
    containerPort: null,
    command: ['node', 'web.mjs'],
    cwd: '/srv',
    port: null,
    env: { A: '1', B: '2' },
    health: null,
    ready: { path: '/', expect: {}, withinMs: 1_000 },
    ...changes,
  };
}

export function planFixture(criteria: readonly Criterion[], changes: Partial<RunPlan> = {}): RunPlan {
  return {
    runId: 'run-1',
    seed: 1,
    profile: 'quick',
    provider: 'local',
    target: targetFixture(),
    allow: { hosts: [], faults: false },
    suites: [...new Set(criteria.map((criterion) => criterion.suite))],
    criteria,
    selected: criteria.map(({ id }) => id),
    deadlineMs: 1_000,
    sources: [],
    outDir: 'out',
    ...changes,
  };
}

/** A boolean measurement with one attempt. */
export function measurementFixture(criterion: string, ok: boolean): Measurement {
  return {
    criterion,
    observation: { kind: 'boolean', attempts: [{ ok, note: ok ? 'good' : 'bad' }] },
    evidence: 'measured',
    witnesses: [],
    window: { startMs: 0, endMs: 1 },
    harnessFault: null,
  };
}
