import { z } from 'zod';
import { EVIDENCE_CLASSES } from '../harness/model/measurement.ts';
import { SCHEMA_VERSION, type RunRecord } from '../harness/model/record.ts';
import { CRITERION_STATES, EFFECTS, SEVERITIES, VERDICTS } from '../harness/model/state.ts';
import { UNITS } from '../harness/model/threshold.ts';

/** `RunRecord` as zod infers it: the same without `readonly`. */
export type WritableRecord = Writable<RunRecord>;
type Writable<T> = T extends object ? { -readonly [K in keyof T]: Writable<T[K]> } : T;

const text = z.string();
const count = z.int().nonnegative();
const milliseconds = z.number().describe('milliseconds');
const sinceStart = z.number().describe('milliseconds since run start');
const pair = z.tuple([z.number(), z.number()]);

const timelineBar = z.object({ lane: text, label: text, startMs: z.number(), endMs: z.number(), open: z.boolean() });

const criterion = z.object({
  id: text.min(1),
  suite: text.min(1),
  severity: z.enum(SEVERITIES),
  claim: text,
  state: z.enum(CRITERION_STATES),
  effect: z.enum(EFFECTS),
  pass: text.describe('as written, or a phrase for boolean and count criteria'),
  nogo: text.nullable(),
  value: z.number().nullable().describe('in the base unit of `unit`: a fraction for %, milliseconds for s'),
  unit: z.enum(UNITS).nullable(),
  samples: count,
  interval: pair.nullable(),
  evidence: z.enum(EVIDENCE_CLASSES).nullable(),
  reason: text,
  blockedBy: text.nullable(),
  flaky: z.boolean(),
  waiver: z.null(),
  owner: text,
  hint: text,
  witnesses: z.array(z.object({ source: text, saw: text, timeline: z.array(timelineBar).nullable() })),
  window: z.object({ startMs: sinceStart, endMs: sinceStart }).nullable(),
  reproduce: text,
});

const suite = z.object({ name: text.min(1), planned: count, reported: count, startMs: sinceStart.nullable(), durationMs: milliseconds });

const service = z.object({
  name: text.min(1),
  kind: z.enum(['postgres', 'redis', 'http']),
  critical: z.boolean(),
  url: text.nullable(),
  version: text.nullable(),
  pid: z.int().nullable(),
  state: z.enum(['running', 'stopped', 'exited', 'never-ready']),
  readyMs: milliseconds.nullable(),
  restarts: count,
  logTail: z.array(text),
});

const fault = z.object({
  id: text.min(1),
  service: text,
  kind: text,
  injectedAtMs: sinceStart,
  healedAtMs: sinceStart.nullable(),
  proof: text,
});

const series = z.object({ id: text, suite: text, label: text, unit: text, points: z.array(pair) });

const distribution = z.object({
  id: text,
  suite: text,
  label: text,
  count,
  quantiles: z.array(pair).describe('[quantile 0..1, milliseconds], ascending'),
  marks: z.array(z.object({ q: z.number(), limitMs: milliseconds, criterion: text })),
});

const calibration = z.object({
  perSecond: z.number(),
  p50Ms: milliseconds.nullable(),
  p99Ms: milliseconds.nullable(),
  latenessP99Ms: milliseconds.nullable(),
});

const load = z.object({
  id: text,
  suite: text,
  label: text,
  shape: text,
  startMs: sinceStart,
  durationMs: milliseconds,
  warmup: z.object({ durationMs: milliseconds, scheduled: count }),
  agents: count,
  stopped: text.nullable(),
  requestedPerSecond: z.number(),
  achievedPerSecond: z.number(),
  scheduled: count,
  sent: count,
  dropped: count,
  unfinished: count,
  byOutcome: z.record(text, count),
  operations: z.array(
    z.object({
      name: text,
      scheduled: count,
      ok: count,
      p50Ms: milliseconds.nullable(),
      p95Ms: milliseconds.nullable(),
      p99Ms: milliseconds.nullable(),
    }),
  ),
  workers: z.array(z.object({ name: text, share: z.number(), lost: text.nullable(), startErrorMs: z.number().nullable() })),
  generator: z.object({
    ok: z.boolean(),
    reasons: z.array(text),
    latenessP50Ms: milliseconds.nullable(),
    latenessP99Ms: milliseconds.nullable(),
    eventLoopUtilization: z.number(),
    cpuShare: z.number(),
    calibration: z.object({ before: calibration, after: calibration }).nullable(),
  }),
});

const noise = z.object({
  foreignCoresMean: z.number(),
  foreignCoresPeak: z.number(),
  disturbedShare: z.number(),
  timerLatenessP50Ms: milliseconds,
  timerLatenessP99Ms: milliseconds,
  disk: z.object({ waitP50Ms: milliseconds, waitMaxMs: milliseconds, stalledShare: z.number() }).nullable(),
});

const footprint = z.object({
  mark: text.describe('in the names of all databases and schemas that the run made'),
  workspacePrefix: text.describe('every workspace id that the run made up begins with it'),
  things: z.array(z.object({ what: text, made: count, removed: count, inWorkspace: z.boolean() })),
  requests: z.array(z.object({ request: text, accepted: count, inWorkspace: z.boolean() })),
  notes: z.array(text),
});

const run = z.object({
  id: text.min(1),
  startedAt: z.iso.datetime(),
  durationMs: milliseconds,
  seed: z.number(),
  profile: text,
  provider: text,
  command: text,
  musterVersion: text,
  complete: z.boolean().describe('false: the run was cut short and the record is partial'),
});

const environment = z.object({
  node: text,
  platform: text,
  cpus: z.number(),
  memoryMb: z.number(),
  providerReason: text,
  configDigest: text,
  facts: z.record(text, text),
});

/** What `report.json` must look like. Its agreement with `RunRecord`, both ways, is checked by the compiler (here and in the test). */
export const runRecordSchema = z.object({
  schemaVersion: z.literal(SCHEMA_VERSION),
  run,
  target: z.object({ name: text }),
  subject: z.object({ version: text.nullable(), commit: text.nullable() }),
  verdict: z.enum(VERDICTS),
  exitCode: z.int(),
  reason: text,
  score: z.object({ low: z.number(), high: z.number(), coverage: z.number(), formula: text }),
  criteria: z.array(criterion),
  suites: z.array(suite),
  services: z.array(service),
  faults: z.array(fault),
  series: z.array(series),
  distributions: z.array(distribution),
  loads: z.array(load),
  noise: noise.nullable(),
  footprint: footprint.nullable().describe('what the run made at services that stay; null: they went with it'),
  events: z.array(z.object({ atMs: sinceStart, kind: z.enum(['phase', 'service', 'fault', 'harness', 'signal']), text })),
  claims: z.array(z.object({ text, value: z.number().nullable(), source: text.nullable() })),
  environment,
  baseline: z.null(),
  signoffs: z.tuple([]),
  plan: z.array(text),
  overhead: z.record(text, milliseconds),
}) satisfies z.ZodType<WritableRecord>;

/**
 * The JSON Schema (draft 2020-12) of `report.json`, published with the package. Further properties are allowed:
 * adding a field is not a breaking change.
 */
export function reportJsonSchema(): Record<string, unknown> {
  return {
    $id: `urn:muster:report:${SCHEMA_VERSION}`,
    title: 'Muster run record (report.json)',
    ...z.toJSONSchema(runRecordSchema, { target: 'draft-2020-12', io: 'input', override: ({ jsonSchema }) => allowEmptyTuple(jsonSchema) }),
  };
}

/** JSON Schema has no empty `prefixItems`; the empty list is written as one that may hold nothing. */
function allowEmptyTuple(schema: { prefixItems?: unknown; maxItems?: number | undefined }): void {
  if (!Array.isArray(schema.prefixItems) || schema.prefixItems.length > 0) return;
  delete schema.prefixItems;
  schema.maxItems = 0;
}
