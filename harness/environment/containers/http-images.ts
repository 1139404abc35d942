import { MusterError } from '../../model/errors.ts';
import type { HttpService, ImageBuild } from '../../model/target.ts';
import { buildImage } from './build-image.ts';
import type { Engine } from './engine.ts';
import { builtTag } from './image-names.ts';
import { type Image, obtainImage } from './images.ts';

/** Images of the target's own services, and the ports they listen on inside. */
export interface HttpImages {
  readonly ports: ReadonlyMap<string, number>;
  imageOf(service: string): Image;
  portOf(service: string): number;
}

export interface HttpImageOptions {
  readonly target: string;
  readonly runId: string;
  readonly signal: AbortSignal;
  readonly secrets: readonly string[];
  readonly onProgress: (text: string, service: string) => void;
}

/**
 * Builds or finds the image of every service, all at the same time; the same build of several services is done once.
 * @throws MusterError (environment) for one that cannot be had; (config) when it cannot be told which port a service listens on.
 */
export async function obtainHttpImages(engine: Engine, services: readonly HttpService[], options: HttpImageOptions): Promise<HttpImages> {
  const groups = groupByImage(services, options.target);
  const images = new Map<string, Image>();
  await Promise.all(
    groups.map(async ({ tag, build, members }) => {
      const request = { tag, services: members, ...options };
      const image = await (build === null
        ? obtainImage(engine, [tag], { ...options, service: members[0] ?? tag })
        : buildImage(engine, { ...request, build }));
      for (const name of members) images.set(name, image);
    }),
  );
  const ports = containerPorts(services, images);
  return { ports, imageOf: (service) => known(images, service), portOf: (service) => known(ports, service) };
}

interface ImageGroup {
  readonly tag: string;
  readonly build: ImageBuild | null;
  readonly members: readonly string[];
}

/** Services that run from the same thing. @throws MusterError (config) when one tag would be built in two ways. */
export function groupByImage(services: readonly HttpService[], target: string): readonly ImageGroup[] {
  const groups = new Map<string, { readonly tag: string; readonly build: ImageBuild | null; readonly members: string[] }>();
  for (const { name, image, build } of services) {
    const recipe = build === null ? '' : recipeOf(build);
    const key = image === null ? `build ${recipe}` : `image ${image}`;
    const group = groups.get(key) ?? { tag: image ?? builtTag(target, name), build, members: [] };
    if ((group.build === null ? '' : recipeOf(group.build)) !== recipe) throw twoRecipes(group.tag, [...group.members, name]);
    group.members.push(name);
    groups.set(key, group);
  }
  return [...groups.values()];
}

function recipeOf({ context, dockerfile, stage, args }: ImageBuild): string {
  return JSON.stringify([context, dockerfile, stage, Object.entries(args).toSorted(([a], [b]) => a.localeCompare(b))]);
}

function twoRecipes(tag: string, services: readonly string[]): MusterError {
  return new MusterError(`The services ${services.join(' and ')} share the image ${tag}, but do not build it in the same way.`, {
    code: 'MUSTER_IMAGE_BUILD',
    blame: 'config',
    hint: 'Give them the same build, or different images.',
  });
}

/** @throws MusterError (config) that names every service whose port cannot be told. */
export function containerPorts(
  services: readonly Pick<HttpService, 'name' | 'containerPort'>[],
  images: ReadonlyMap<string, Pick<Image, 'name' | 'ports'>>,
): ReadonlyMap<string, number> {
  const ports = new Map<string, number>();
  const unclear: string[] = [];
  for (const { name, containerPort } of services) {
    const image = known(images, name);
    const [only, ...others] = image.ports;
    const port = containerPort ?? (others.length === 0 ? only : undefined);
    if (port !== undefined) ports.set(name, port);
    else unclear.push(`"${name}" (${image.name} exposes ${image.ports.length === 0 ? 'none' : image.ports.join(', ')})`);
  }
  if (unclear.length === 0) return ports;
  throw new MusterError(`It cannot be told which port these services listen on inside their containers: ${unclear.join('; ')}.`, {
    code: 'MUSTER_CONTAINER_PORT',
    blame: 'config',
    hint: 'Write services.<name>.containerPort in the target file.',
  });
}

function known<T>(map: ReadonlyMap<string, T>, service: string): T {
  const value = map.get(service);
  if (value === undefined) throw new Error(`invariant: nothing is known of the image of "${service}"`);
  return value;
}
