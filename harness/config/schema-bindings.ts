import { z } from 'zod';
import { RESPONSE_CLASSES, STAGES } from '../model/budgets.ts';
import { economy } from './schema-economy.ts';
import { count, duration, expression, nonEmpty, rate } from './leaves.ts';
import { STATE_FIELDS } from './bindings/state.ts';
import { WORK_FIELDS } from './bindings/work.ts';
import { API_FIELDS } from './bindings/api.ts';
import { LISTS_FIELDS } from './bindings/lists.ts';
import { TENANTS_FIELDS } from './bindings/tenants.ts';
import { VECTOR_FIELDS } from './bindings/vector.ts';
import { POOL_FIELDS } from './bindings/pool.ts';
import { CACHE_FIELDS } from './bindings/cache.ts';
import { VALUES_FIELDS } from './bindings/values.ts';
import { WORKSPACE_FIELDS } from './bindings/workspace.ts';
import { httpFields, request, wsFields } from './schema-request.ts';

/** An expression alone is one part of any execution. */
const stage = z.union([expression, z.strictObject({ ms: expression, text: nonEmpty.optional() })]);

const execute = z.strictObject({
  ...httpFields,
  outcome: z.strictObject({
    ok: expression,
    degraded: expression.optional(),
    tokens: expression.optional(),
    baseline: expression.optional(),
    cacheHit: expression.optional(),
    id: expression.optional(),
    echo: expression.optional(),
    stages: z.partialRecord(z.enum(STAGES), stage).optional(),
  }),
});

const operation = z.strictObject({
  create: request,
  poll: request,
  id: expression,
  state: expression,
  end: z.array(nonEmpty).min(1),
  success: z.array(nonEmpty).min(1),
  kinds: z.array(nonEmpty).min(1).optional(),
  effect: nonEmpty.optional(),
  events: z.strictObject({ ...wsFields, type: expression, changed: nonEmpty, id: expression, state: expression }).optional(),
  uncertain: z
    .strictObject({
      create: request,
      waiting: z.array(nonEmpty).min(1),
      human: expression.optional(),
      listed: z.strictObject({ ...httpFields, items: expression, id: expression }).optional(),
    })
    .optional(),
  parallel: request.optional(),
});

const register = z.strictObject({
  create: z.strictObject({ ...httpFields, key: expression }).optional(),
  append: request,
  read: z.strictObject({ ...httpFields, items: expression, value: expression, staleness: duration.optional() }),
  stored: nonEmpty.optional(),
});

const transitions = z.strictObject({
  create: z.strictObject({ ...httpFields, id: expression }),
  read: z.strictObject({ ...httpFields, state: expression, staleness: duration.optional() }),
  move: request,
  refused: z.array(z.int().min(400).max(499)).min(1).optional(),
  table: z.record(nonEmpty, z.array(nonEmpty)),
  trace: nonEmpty.optional(),
  chain: nonEmpty.optional(),
});

const events = z.strictObject({
  ...wsFields,
  type: expression,
  appended: nonEmpty,
  key: expression,
  value: expression,
  heartbeat: duration.optional(),
  fields: z.array(expression).min(1).optional(),
  sequence: expression.optional(),
});

const mcp = z.strictObject({
  ...wsFields,
  welcome: expression.nullish(),
  call: z.strictObject({ method: nonEmpty, params: z.json(), echo: expression }),
});

const meter = z.strictObject({ ...httpFields, tokens: expression, prompt: expression.optional(), completion: expression.optional() });

const stream = z.strictObject({
  add: request,
  processed: nonEmpty,
  key: nonEmpty,
  group: nonEmpty,
  order: nonEmpty.optional(),
  poison: z.record(nonEmpty, nonEmpty).optional(),
  deadLetters: nonEmpty.optional(),
  consumers: z.array(nonEmpty).min(1).optional(),
  settles: duration.optional(),
});

const health = z.strictObject({ ...httpFields, healthy: expression });

const classes = z.partialRecord(z.enum(RESPONSE_CLASSES), z.strictObject({ ...httpFields, ok: expression }));

export const bindings = z.strictObject({
  execute: execute.optional(),
  operation: operation.optional(),
  register: register.optional(),
  transitions: transitions.optional(),
  events: events.optional(),
  mcp: mcp.optional(),
  meter: meter.optional(),
  stream: stream.optional(),
  health: health.optional(),
  classes: classes.optional(),
  economy: economy.optional(),
  ...STATE_FIELDS,
  ...WORK_FIELDS,
  ...API_FIELDS,
  ...LISTS_FIELDS,
  ...TENANTS_FIELDS,
  ...VECTOR_FIELDS,
  ...POOL_FIELDS,
  ...CACHE_FIELDS,
  ...VALUES_FIELDS,
  ...WORKSPACE_FIELDS,
});

export const workload = z.strictObject({
  agents: count.max(100_000).optional(),
  rate: rate.optional(),
  distinctTexts: count.optional(),
  /** How long the profile soak keeps its load up. */
  soak: duration.optional(),
  mix: z.record(z.string(), z.number().min(0)).optional(),
});

export type UserBindings = z.infer<typeof bindings>;
