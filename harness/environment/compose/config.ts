import { z } from 'zod';

/** What Muster has to know of a compose file, as compose itself understood it: files merged, variables filled in. */
export interface ComposeConfig {
  readonly services: ReadonlyMap<string, ComposeService>;
  readonly networks: ReadonlyMap<string, ComposeNetwork>;
  readonly volumes: ReadonlyMap<string, ComposeVolume>;
}

export interface ComposeVolume {
  readonly external: boolean;
  readonly name: string;
  /** What its driver is told to keep the data on: a folder of this host, or of another. null: the engine's own. */
  readonly device: string | null;
}

export interface ComposeService {
  readonly name: string;
  readonly image: string | null;
  readonly built: boolean;
  /** Ports inside the container, TCP only. */
  readonly published: readonly number[];
  readonly exposed: readonly number[];
  /** null: taken from the caller's environment, and not set there. */
  readonly environment: Readonly<Record<string, string | null>>;
  readonly command: readonly string[];
  readonly dependsOn: readonly Dependency[];
  readonly healthcheck: readonly string[] | null;
  readonly containerName: boolean;
  readonly networkMode: string | null;
  /** Where the number of its containers is written, and what it is. */
  readonly replicas: { readonly scale: number | null; readonly deploy: number | null };
  readonly restartPolicy: boolean;
  readonly limits: { readonly memory: boolean; readonly cpus: boolean };
  /** Network → keys of the addresses it fixes there. */
  readonly addresses: ReadonlyMap<string, readonly string[]>;
  /** Folders of this host that it may write to, and where it has them. */
  readonly writable: readonly { readonly source: string; readonly target: string }[];
  readonly profiles: readonly string[];
  /** How long its regular shutdown may take. */
  readonly stopMs: number;
}

export interface Dependency {
  readonly service: string;
  readonly condition: 'service_started' | 'service_healthy' | 'service_completed_successfully';
  readonly required: boolean;
}

export interface ComposeNetwork {
  readonly external: boolean;
  readonly name: string;
  /** Has addresses of its own choice. */
  readonly addressed: boolean;
}

const count = z.coerce.number();
const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);

const network = z.looseObject({ ipv4_address: z.unknown().optional(), ipv6_address: z.unknown() }).partial();

const service = z.looseObject({
  image: z.string().optional(),
  build: z.unknown().optional(),
  ports: z.array(z.looseObject({ target: count, protocol: z.string().optional() })).default([]),
  expose: z.array(z.string()).default([]),
  environment: z.record(z.string(), scalar.nullable()).nullish(),
  command: z.array(z.string()).nullish(),
  depends_on: z.record(z.string(), z.looseObject({ condition: z.string(), required: z.boolean().default(true) })).default({}),
  healthcheck: z.looseObject({ test: z.array(z.string()).optional(), disable: z.boolean().optional() }).optional(),
  container_name: z.string().optional(),
  network_mode: z.string().optional(),
  scale: z.number().optional(),
  deploy: z.looseObject({ replicas: z.number().optional(), restart_policy: z.unknown() }).partial().nullish(),
  mem_limit: z.unknown().optional(),
  cpus: z.unknown().optional(),
  networks: z.record(z.string(), network.nullable()).nullish(),
  volumes: z
    .array(
      z.looseObject({ type: z.string(), source: z.string().optional(), target: z.string().default(''), read_only: z.boolean().optional() }),
    )
    .default([]),
  profiles: z.array(z.string()).default([]),
  stop_grace_period: z.string().optional(),
});

const shared = z.looseObject({ name: z.string().default(''), external: z.boolean().default(false) });

const volume = shared.extend({ driver_opts: z.looseObject({ type: scalar.optional(), device: scalar.optional() }).nullish() });

const file = z.looseObject({
  services: z.record(z.string(), service).default({}),
  networks: z
    .record(z.string(), shared.extend({ ipam: z.looseObject({ config: z.array(z.unknown().optional()).optional() }).optional() }))
    .default({}),
  volumes: z.record(z.string(), volume).default({}),
});

/** Reads what `compose config --format json` printed. @throws ZodError, SyntaxError when that is not a compose file. */
export function readConfig(json: string): ComposeConfig {
  const { services, networks, volumes } = file.parse(JSON.parse(json));
  return {
    services: new Map(Object.entries(services).map(([name, one]) => [name, serviceOf(name, one)])),
    networks: new Map(
      Object.entries(networks).map(([key, { name, external, ipam }]) => [
        key,
        { name, external, addressed: (ipam?.config ?? []).length > 0 },
      ]),
    ),
    volumes: new Map(
      Object.entries(volumes).map(([key, { name, external, driver_opts: driven }]) => {
        const device = driven?.type === 'tmpfs' ? null : (driven?.device ?? null);
        return [key, { name, external, device }];
      }),
    ),
  };
}

function serviceOf(name: string, raw: z.infer<typeof service>): ComposeService {
  return {
    name,
    image: raw.image ?? null,
    built: raw.build !== undefined && raw.build !== null,
    published: unique(raw.ports.flatMap(({ target, protocol }) => (protocol === 'udp' ? [] : [target]))),
    exposed: unique(raw.expose.flatMap(portsOf)),
    ...contentOf(raw),
    dependsOn: Object.entries(raw.depends_on).map(([other, { condition, required }]) => ({
      service: other,
      condition: CONDITIONS.find((known) => known === condition) ?? 'service_started',
      required,
    })),
    healthcheck: healthcheckOf(raw.healthcheck),
    networkMode: raw.network_mode ?? null,
    ...countOf(raw),
    limits: { memory: raw.mem_limit !== undefined, cpus: raw.cpus !== undefined },
    addresses: addressesOf(raw.networks ?? {}),
    writable: raw.volumes.flatMap(({ type, source, target, read_only }) =>
      type === 'bind' && read_only !== true && source !== undefined ? [{ source, target }] : [],
    ),
    profiles: raw.profiles,
    stopMs: durationMs(raw.stop_grace_period ?? DEFAULT_STOP),
  };
}

const CONDITIONS: readonly Dependency['condition'][] = ['service_started', 'service_healthy', 'service_completed_successfully'];

function contentOf({
  environment,
  command,
  container_name,
}: z.infer<typeof service>): Pick<ComposeService, 'environment' | 'command' | 'containerName'> {
  const values = Object.entries(environment ?? {}).map(([key, value]) => [key, value === null ? null : plain(value)] as const);
  return { environment: Object.fromEntries(values), command: (command ?? []).map(plain), containerName: container_name !== undefined };
}

function countOf({ scale, deploy }: z.infer<typeof service>): Pick<ComposeService, 'replicas' | 'restartPolicy'> {
  return { replicas: { scale: scale ?? null, deploy: deploy?.replicas ?? null }, restartPolicy: deploy?.restart_policy !== undefined };
}

function addressesOf(networks: Readonly<Record<string, z.infer<typeof network> | null>>): Map<string, readonly string[]> {
  const fixed = Object.entries(networks).map(([name, options]) => {
    const keys = ['ipv4_address', 'ipv6_address'] as const;
    return [name, keys.filter((key) => options?.[key] !== undefined)] as const;
  });
  return new Map(fixed.filter(([, keys]) => keys.length > 0));
}

function healthcheckOf(raw: z.infer<typeof service>['healthcheck']): readonly string[] | null {
  const test = raw?.test ?? [];
  return raw?.disable === true || test.length === 0 || test[0] === 'NONE' ? null : test;
}

/** `3000`, `3000/tcp`, `3000-3002`. */
function portsOf(text: string): number[] {
  const [, first, last, protocol] = /^(\d+)(?:-(\d+))?(?:\/(\w+))?$/.exec(text) ?? [];
  if (first === undefined || protocol === 'udp') return [];
  const length = Number(last ?? first) - Number(first) + 1;
  return Array.from({ length: Math.max(0, length) }, (_, index) => Number(first) + index);
}

/** Compose prints every `$` twice, as one would write it in a file. */
function plain(value: string): string {
  return value.replaceAll('$$', '$');
}

/** `1m30s`, `500ms`, as compose prints it. */
export function durationMs(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/g)];
  return parts.reduce((sum, [, amount = '0', unit = 's']) => sum + Number(amount) * (UNITS_MS[unit] ?? 0), 0);
}

const DEFAULT_STOP = '10s';
const UNITS_MS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };

function unique(values: readonly number[]): number[] {
  return [...new Set(values)];
}
