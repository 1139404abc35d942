import { z } from 'zod';
import { PROFILES } from '../model/criterion.ts';
import { SEVERITIES } from '../model/state.ts';
import {
  ALLOWED_MARK,
  commandText,
  confidence,
  count,
  duration,
  expression,
  hostName,
  name,
  nonEmpty,
  size,
  threshold,
  wsPath,
} from './leaves.ts';
import { bindings, workload } from './schema-bindings.ts';
import { composeFiles, httpPlacement, placement, storeAddress } from './schema-placement.ts';
import { isolation, migrations, names, schemaRules, tenants } from './schema-stores.ts';

export const PROVIDERS = ['auto', 'local', 'containers', 'compose', 'external'] as const;
export type Provider = (typeof PROVIDERS)[number];

const SIGNOFF_ROLES = ['strategic', 'technical', 'security', 'architecture'] as const;

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const version = z
  .string()
  .regex(/^(?:>=|<=|==|>|<)?\s*\d+(?:\.\d+)*$/, `is no version rule${ALLOWED_MARK}a version with an optional comparison, such as '>=15'`);

const serviceBase = { critical: z.boolean().optional(), dependsOn: z.array(z.string()).optional() };

const postgres = z.strictObject({
  kind: z.literal('postgres'),
  ...serviceBase,
  version: version.optional(),
  extensions: z.array(nonEmpty).optional(),
  database: nonEmpty.optional(),
  pool: z.strictObject({ max: count }).optional(),
  ...placement,
  ...storeAddress,
});

const redis = z.strictObject({
  kind: z.literal('redis'),
  ...serviceBase,
  version: version.optional(),
  maxmemory: size.optional(),
  policy: z
    .enum(['noeviction', 'allkeys-lru', 'allkeys-lfu', 'allkeys-random', 'volatile-lru', 'volatile-lfu', 'volatile-random', 'volatile-ttl'])
    .optional(),
  db: z.int().min(0).max(15).optional(),
  /** Counts what the services' reads find (provider local); costs every command a few microseconds. */
  tap: z.boolean().optional(),
  ...placement,
  ...storeAddress,
});

const probe = { path: wsPath.optional(), expect: z.record(expression, scalar).optional() };

const http = z.strictObject({
  kind: z.literal('http'),
  ...serviceBase,
  /** What the provider local runs. */
  command: z.union([commandText, z.array(z.string()).min(1)]).optional(),
  cwd: nonEmpty.optional(),
  /** 0 or nothing: a free port is chosen. */
  port: z.int().min(0).max(65_535).optional(),
  env: z.record(nonEmpty, scalar).optional(),
  health: z.strictObject({ ...probe, path: wsPath }).optional(),
  ready: z.strictObject({ ...probe, within: duration.optional() }).optional(),
  ...httpPlacement,
});

const override = z.strictObject({
  pass: threshold.optional(),
  nogo: threshold.optional(),
  severity: z.enum(SEVERITIES).optional(),
  minSamples: z.union([count, z.literal('auto')]).optional(),
  confidence: confidence.optional(),
  notApplicable: z.strictObject({ reason: nonEmpty, when: expression.optional() }).optional(),
  owner: nonEmpty.optional(),
});

const criteria = z.record(z.string(), override);

export const targetFile = z.strictObject({
  name: nonEmpty,
  subject: z.strictObject({ version: z.string().nullish(), commit: z.string().nullish() }).optional(),
  services: z.record(name, z.discriminatedUnion('kind', [postgres, redis, http])),
  compose: composeFiles.optional(),
  bindings: bindings.optional(),
  stores: z
    .strictObject({
      tables: z.array(nonEmpty).optional(),
      enums: names.optional(),
      columns: names.optional(),
      isolation: isolation.optional(),
      migrations: migrations.optional(),
      tenants: tenants.optional(),
      schema: schemaRules.optional(),
    })
    .optional(),
  workload: workload.optional(),
  criteria: criteria.optional(),
  claims: z.array(z.strictObject({ text: nonEmpty, value: z.number().nullish(), source: nonEmpty.nullish() })).optional(),
  faults: z.record(z.string(), z.array(nonEmpty)).optional(),
  signoffs: z.array(z.enum(SIGNOFF_ROLES)).optional(),
});

/** How many load workers on this machine, or the Redis whose queue others have joined. */
export const workers = z.union([
  z.int().min(1).max(16),
  z.string().regex(/^rediss?:\/\/\S+$/iu, `is no address of a Redis${ALLOWED_MARK}1 to 16 workers on this machine, or redis://host:6379`),
]);

const profile = z.strictObject({
  provider: z.enum(PROVIDERS).optional(),
  suites: z.array(nonEmpty).min(1).nullish(),
  only: z.array(nonEmpty).min(1).nullish(),
  skip: z.array(nonEmpty).optional(),
  deadline: duration.optional(),
  workload: workload.optional(),
  criteria: criteria.optional(),
});

export const userConfig = z.strictObject({
  target: z.union([nonEmpty, targetFile]).optional(),
  profile: z.enum(PROFILES).optional(),
  ...profile.shape,
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .nullish(),
  out: nonEmpty.optional(),
  allow: z.strictObject({ hosts: z.array(hostName).optional(), faults: z.boolean().optional() }).optional(),
  load: z.strictObject({ workers: workers.optional() }).optional(),
  profiles: z.partialRecord(z.enum(PROFILES), profile).optional(),
});

/** What is written in `muster.config.*`; every key is optional except that a target must come from somewhere. */
export type UserConfig = z.input<typeof userConfig>;
/** What is written in a target file, or as `target` in the config. */
export type UserTarget = z.input<typeof targetFile>;
export type UserService = UserTarget['services'][string];
export type UserOverride = z.input<typeof override>;
export type UserWorkload = z.input<typeof workload>;

/** JSON Schema (draft 2020-12) of the config file, for editors; `kind: 'target'` for target files. */
export function configJsonSchema(kind: 'config' | 'target' = 'config'): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(kind === 'config' ? userConfig : targetFile, { io: 'input', unrepresentable: 'any' });
}
