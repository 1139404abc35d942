import type { ResourceLimits } from '../../model/target.ts';
import { composeProject, RUN_LABEL } from '../containers/labels.ts';
import type { ComposeConfig, ComposeNetwork, ComposeService } from './config.ts';
import { mapOf, override, reset, toYaml, when, type Tagged, type YamlMap } from './yaml.ts';

const LOGGING = { driver: 'json-file', options: { 'max-size': '16m', 'max-file': '2' } };

/** What a service of the target gets: its address on this host, and the limits the target file names. */
export interface Publication {
  readonly hostPort: number;
  readonly containerPort: number;
  readonly resources: ResourceLimits;
}

/**
 * The text of the one file that is merged over the user's own: what Muster needs, and what keeps two runs of the same file apart.
 * @param published by the compose file's name of the service; all others publish nothing.
 */
export function overrideFile(config: ComposeConfig, published: ReadonlyMap<string, Publication>, runId: string): string {
  const labels = { [RUN_LABEL]: runId };
  const project = composeProject(runId);
  const services = [...config.services.values()].map(
    (service) => [service.name, serviceOverride(service, published.get(service.name) ?? null, { labels, project })] as const,
  );
  const networks = [...config.networks].map(([key, network]) => [key, networkOverride(network, `${project}_${key}`, labels)] as const);
  const volumes = [...config.volumes].map(([key]) => [key, { name: `${project}_${key}`, labels }] as const);
  return toYaml({
    services: mapOf(services),
    ...when(networks.length > 0, { networks: mapOf(networks) }),
    ...when(volumes.length > 0, { volumes: mapOf(volumes) }),
  });
}

interface OfRun {
  readonly labels: Readonly<Record<string, string>>;
  readonly project: string;
}

function serviceOverride(service: ComposeService, publication: Publication | null, { labels, project }: OfRun): YamlMap {
  return {
    labels,
    init: true,
    restart: 'no',
    logging: override(LOGGING),
    ...portsOverride(service, publication),
    ...when(service.containerName, { container_name: reset(null) }),
    // Under a name of the run: the user's own tag stays what it is.
    ...when(service.built, { image: `${project}-${service.name}`, pull_policy: 'build', build: { labels, tags: reset([]) } }),
    ...addressOverride(service),
    ...countOverride(service, publication),
  };
}

function portsOverride(service: ComposeService, publication: Publication | null): YamlMap {
  if (publication === null) return when(service.published.length > 0, { ports: reset([]) });
  const { hostPort, containerPort } = publication;
  return { ports: override([`127.0.0.1:${String(hostPort)}:${String(containerPort)}`]) };
}

function addressOverride({ addresses }: ComposeService): YamlMap {
  const networks = [...addresses].map(([network, keys]) => [network, mapOf(keys.map((key) => [key, reset(null)] as const))] as const);
  return when(networks.length > 0, { networks: mapOf(networks) });
}

function countOverride(service: ComposeService, publication: Publication | null): YamlMap {
  const { replicas, restartPolicy, limits } = service;
  const { memoryBytes, cpus } = publication?.resources ?? { memoryBytes: null, cpus: null };
  const wanted = { ...when(memoryBytes !== null, { memory: String(memoryBytes) }), ...when(cpus !== null, { cpus: String(cpus) }) };
  const deploy = {
    ...when(restartPolicy, { restart_policy: reset(null) }),
    ...when(publication !== null && replicas.deploy !== null, { replicas: 1 }),
    ...when(Object.keys(wanted).length > 0, { resources: { limits: wanted } }),
  };
  return {
    ...when(publication !== null && replicas.scale !== null, { scale: 1 }),
    ...when(memoryBytes !== null && limits.memory, { mem_limit: reset(null) }),
    ...when(cpus !== null && limits.cpus, { cpus: reset(null) }),
    ...when(Object.keys(deploy).length > 0, { deploy }),
  };
}

function networkOverride(
  { external, addressed }: ComposeNetwork,
  name: string,
  labels: Readonly<Record<string, string>>,
): YamlMap | Tagged {
  if (external) return override({ name, labels });
  return { name, labels, ...when(addressed, { ipam: reset(null) }) };
}

/** What the override changes beyond addresses and labels, and what it cannot keep apart: a sentence each. */
export function notesOn(config: ComposeConfig, published: ReadonlyMap<string, Publication>): readonly string[] {
  const services = [...config.services.values()];
  return [
    ...[...config.networks].flatMap(([key, { external, addressed }]) => [
      ...(external ? [`The external network "${key}" is replaced by one of this run.`] : []),
      ...(addressed ? [`The network "${key}" gets other addresses than the file says, so that two runs never meet.`] : []),
    ]),
    ...services.flatMap(({ name, replicas }) =>
      published.has(name) && Math.max(replicas.scale ?? 1, replicas.deploy ?? 1) > 1
        ? [`"${name}" runs once: a service of the target has one address.`]
        : [],
    ),
    ...services.flatMap(({ name, writable }) =>
      writable.map(({ source }) => `"${name}" writes to ${source} on this host: what it leaves there stays, and two runs share it.`),
    ),
  ];
}
