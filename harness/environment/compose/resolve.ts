import { MusterError } from '../../model/errors.ts';
import { suggest } from '../../model/suggest.ts';
import type { TargetService } from '../../model/target.ts';
import { sanitiseLine } from '../sanitise.ts';
import type { ComposeConfig, ComposeService } from './config.ts';

const USUAL_PORT = { postgres: 5432, redis: 6379, http: null } as const;

/** A service of the target and where it is in the compose file. */
export interface Placed {
  readonly service: TargetService;
  readonly compose: ComposeService;
  readonly containerPort: number;
}

/**
 * Finds every service of the target in the compose file.
 * @param everything the file with all of its profiles.
 * @throws MusterError (config) that names all mistakes at once.
 */
export function placeServices(services: readonly TargetService[], config: ComposeConfig, everything: ComposeConfig): readonly Placed[] {
  const found = services.map((service) => placeService(service, config, everything));
  const mistakes = [
    ...found.flatMap((one) => (typeof one === 'string' ? [one] : [])),
    ...sharedContainers(services),
    ...[...config.volumes].flatMap(([key, { external, name, device }]) => {
      if (external) return [`the volume "${key}" is external ("${name}"): ${NOT_ITS_OWN}`];
      return device === null ? [] : [`the volume "${key}" is kept on ${device}: ${NOT_ITS_OWN}`];
    }),
    ...found.flatMap((one) => (typeof one === 'string' ? [] : foreignData(one))),
    ...[...config.services.values()].flatMap(({ name, networkMode }) =>
      networkMode === 'host' ? [`the service "${name}" uses the network of the host, where two runs would meet`] : [],
    ),
  ];
  if (mistakes.length > 0) throw targetError(mistakes);
  return found.flatMap((one) => (typeof one === 'string' ? [] : [one]));
}

const NOT_ITS_OWN = 'a run would write to data that is not its own';
const DATA = {
  postgres: /^\/var\/lib\/(?:postgresql|pgsql)(?:\/|$)|^\/bitnami\/postgresql(?:\/|$)/,
  redis: /^\/data(?:\/|$)|^\/var\/lib\/(?:redis|valkey)(?:\/|$)|^\/bitnami\/(?:redis|valkey)(?:\/|$)/,
} as const;

/** A store whose data is in a folder of this host: what somebody works with every day, perhaps. Suites write, fill and kill it. */
function foreignData({ service, compose }: Placed): readonly string[] {
  if (service.kind === 'http') return [];
  const where = compose.environment['PGDATA'] ?? null;
  const isData = (path: string): boolean => DATA[service.kind].test(path) || (where !== null && `${where}/`.startsWith(`${path}/`));
  const folders = compose.writable.filter(({ target }) => isData(target.replace(/\/+$/, '')));
  return folders.map(({ source }) => `the service "${compose.name}" keeps its data in ${source} on this host: ${NOT_ITS_OWN}`);
}

/** Where the service is, or what is wrong. */
function placeService(service: TargetService, config: ComposeConfig, everything: ComposeConfig): Placed | string {
  const name = composeNameOf(service);
  const compose = config.services.get(name);
  if (compose === undefined) return absent(service.name, name, config, everything);
  if (compose.networkMode !== null && compose.networkMode !== 'bridge' && compose.networkMode !== 'host') {
    return `the service "${name}" has network_mode "${compose.networkMode}", so no port of its own can be published`;
  }
  const containerPort = containerPortOf(service, compose);
  return typeof containerPort === 'string' ? containerPort : { service, compose, containerPort };
}

export function composeNameOf({ name, composeService }: TargetService): string {
  return composeService ?? name;
}

function absent(name: string, wanted: string, config: ComposeConfig, everything: ComposeConfig): string {
  const hidden = everything.services.get(wanted);
  const said = name === wanted ? `"${name}"` : `"${name}" (compose: ${wanted})`;
  if (hidden !== undefined) {
    return `${said} belongs to the profile ${hidden.profiles.map((profile) => `"${profile}"`).join(' or ')}, which compose.profiles does not name`;
  }
  const names = [...config.services.keys()];
  const near = suggest(wanted, names);
  const list = names.length === 0 ? 'it has none' : `it has ${names.join(', ')}`;
  return `${said} is not a service of the compose file; ${near === null ? list : `did you mean "${near}"? (${list})`}`;
}

function containerPortOf(service: TargetService, { name, published, exposed }: ComposeService): number | string {
  if (service.kind === 'http' && service.containerPort !== null) return service.containerPort;
  const ports = published.length > 0 ? published : exposed;
  const usual = USUAL_PORT[service.kind];
  const [only] = ports;
  if (usual !== null && (ports.length === 0 || ports.includes(usual))) return usual;
  if (only !== undefined && ports.length === 1) return only;
  const said = ports.length === 0 ? 'names no port' : `names the ports ${ports.join(', ')}`;
  return `the service "${name}" ${said}: write services.${service.name}.containerPort in the target file`;
}

function sharedContainers(services: readonly TargetService[]): string[] {
  const names = services.map(composeNameOf);
  const twice = new Set(names.filter((name, index) => names.indexOf(name) !== index));
  return [...twice].map((name) => {
    const who = services.filter((service) => composeNameOf(service) === name).map((service) => `"${service.name}"`);
    return `${who.join(' and ')} are both the service "${name}" of the compose file`;
  });
}

function targetError(mistakes: readonly string[]): MusterError {
  const list = mistakes.map((mistake) => `\n  - ${sanitiseLine(mistake, [])}`).join('');
  return new MusterError(`The target does not fit its compose file:${list}`, {
    code: 'MUSTER_COMPOSE_TARGET',
    blame: 'config',
    hint: 'Correct the target file, or add a second file to compose.file that changes what the first one says.',
  });
}
