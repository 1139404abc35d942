import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { MusterError } from '../../model/errors.ts';
import type { Engine } from './engine.ts';
import { engineError, isGone, refusalOf } from './engine-errors.ts';
import { readOutput } from './engine-output.ts';
import { howToGet } from './image-names.ts';

/** An image on the engine's host. */
export interface Image {
  /** As it was asked for. */
  readonly name: string;
  /** Content id: stays the same thing when somebody moves the name meanwhile. */
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  /** TCP ports it says it listens on. */
  readonly ports: readonly number[];
  /** Paths that get a volume when nothing else is put there. */
  readonly volumes: readonly string[];
  readonly user: string;
}

/** @throws MusterError (environment) when the engine fails; null when it is not there. */
export async function findImage(engine: Engine, name: string): Promise<Image | null> {
  try {
    return imageOf(name, await engine.docker.getImage(name).inspect());
  } catch (error) {
    if (isGone(error)) return null;
    throw engineError(error, `look for the image ${name}`, engine.address);
  }
}

/** For the record: what it is called, and what it is. */
export function describeImage({ name, id }: Pick<Image, 'name' | 'id'>): string {
  return `${name} (${id.replace(/^sha256:/, '').slice(0, 12)})`;
}

export async function isOnHost(engine: Engine, name: string): Promise<boolean> {
  return (await findImage(engine, name)) !== null;
}

export interface ObtainOptions {
  readonly service: string;
  readonly signal: AbortSignal;
  readonly onProgress: (text: string, service: string) => void;
}

/**
 * The first of `names` that is on the host, else the last one, pulled.
 * @throws MusterError MUSTER_IMAGE_MISSING (environment) when there is none.
 */
export async function obtainImage(
  engine: Engine,
  names: readonly string[],
  { service, signal, onProgress }: ObtainOptions,
): Promise<Image> {
  for (const name of names) {
    const image = await findImage(engine, name);
    if (image !== null) return image;
  }
  const name = names.at(-1) ?? '';
  onProgress(`pulling image ${name}`, service);
  const refusal = await pull(engine, name, signal);
  signal.throwIfAborted();
  const image = refusal === null ? await findImage(engine, name) : null;
  if (image === null) throw missing(service, names, refusal ?? 'the engine did not say why');
  return image;
}

/** What the engine said against it; null when it was pulled. */
async function pull(engine: Engine, name: string, abortSignal: AbortSignal): Promise<string | null> {
  try {
    const { error } = await readOutput((await engine.docker.pull(name, { abortSignal })) as Readable, () => undefined);
    return error;
  } catch (error) {
    return refusalOf(error).text;
  }
}

function missing(service: string, names: readonly string[], said: string): MusterError {
  const name = names.at(-1) ?? '';
  const others = names.slice(0, -1);
  const instead = others.length === 0 ? '' : `, nor is ${others.join(' or ')} here`;
  return new MusterError(`"${service}" cannot be started: image ${name} is not on this host and cannot be pulled${instead} (${said}).`, {
    code: 'MUSTER_IMAGE_MISSING',
    blame: 'environment',
    hint: `${howToGet(name)}, or name one that is here in services.${service}.image.`,
  });
}

function imageOf(name: string, { Id, Config }: Docker.ImageInspectInfo): Image {
  const tcp = Object.keys(Config.ExposedPorts ?? {}).flatMap((port) => /^(\d+)(?:\/tcp)?$/.exec(port)?.[1] ?? []);
  return {
    name,
    id: Id,
    labels: Config.Labels ?? {},
    ports: tcp.map(Number).toSorted((a, b) => a - b),
    volumes: Object.keys(Config.Volumes ?? {}),
    user: Config.User ?? '',
  };
}
