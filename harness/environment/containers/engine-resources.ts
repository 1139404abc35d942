import type Docker from 'dockerode';
import { CACHE_LABEL, COMPOSE_PROJECT_LABEL, composeProject, RUN_LABEL } from './labels.ts';

export type ResourceKind = 'container' | 'network' | 'volume' | 'image';

/** One thing on the engine that belongs to a run. */
export interface EngineResource {
  readonly kind: ResourceKind;
  /** What the engine finds it by: an id, a volume's name, an image's tag. */
  readonly ref: string;
  readonly name: string;
  /** A container is frozen: it has to be thawed before it can end. */
  readonly paused: boolean;
}

type Labels = Readonly<Record<string, string>> | null | undefined;

/** Judged by the labels alone: another run's label outweighs a project's name that looks like ours. */
export function isOfRun(labels: Labels, runId: string): boolean {
  const run = labels?.[RUN_LABEL];
  return run === undefined ? labels?.[COMPOSE_PROJECT_LABEL] === composeProject(runId) : run === runId;
}

/**
 * What of an image goes with its run: the tags that carry the run's id, or all of it when it has no tag and is not kept as a cache.
 * A tag without the run's id was given by somebody who wants to keep the image.
 */
export function imageRefsOf(
  image: { readonly Id: string; readonly RepoTags?: readonly string[] | null | undefined; readonly Labels: Labels },
  runId: string,
): string[] {
  const tags = (image.RepoTags ?? []).filter((tag) => tag !== '<none>:<none>');
  if (tags.length === 0) return image.Labels?.[CACHE_LABEL] === undefined ? [image.Id] : [];
  const marks = [runId.toLowerCase(), composeProject(runId)];
  return tags.filter((tag) => marks.some((mark) => tag.toLowerCase().includes(mark)));
}

/** Everything on the engine that belongs to the run. @throws the engine's error when it does not answer. */
export async function findRunResources(docker: Docker, runId: string): Promise<EngineResource[]> {
  // An engine joins several labels by "and": two questions for each kind.
  const filters = [`${RUN_LABEL}=${runId}`, `${COMPOSE_PROJECT_LABEL}=${composeProject(runId)}`].map((label) => ({ label: [label] }));
  const found = await Promise.all(
    filters.flatMap((filter) => [containers(docker, filter), networks(docker, filter), volumes(docker, filter), images(docker, filter)]),
  );
  const ours = found.flat().filter(({ labels }) => isOfRun(labels, runId));
  const resources = ours.flatMap(({ refs, ...rest }) => refs(runId).map((ref) => ({ ...rest, ref, name: rest.name ?? ref })));
  const rows = resources.map(({ kind, ref, name, paused }) => [`${kind} ${ref}`, { kind, ref, name, paused }] as const);
  return [...new Map(rows).values()];
}

interface Row {
  readonly kind: ResourceKind;
  readonly labels: Labels;
  readonly name: string | null;
  readonly paused: boolean;
  readonly refs: (runId: string) => readonly string[];
}

type Filter = Record<'label', string[]>;

async function containers(docker: Docker, filters: Filter): Promise<Row[]> {
  const all = await docker.listContainers({ all: true, filters });
  return all.map(({ Id, Names, Labels, State }) => ({
    kind: 'container',
    labels: Labels,
    name: Names[0]?.replace(/^\//u, '') ?? Id.slice(0, 12),
    paused: State === 'paused',
    refs: () => [Id],
  }));
}

async function networks(docker: Docker, filters: Filter): Promise<Row[]> {
  const all = await docker.listNetworks({ filters });
  return all.map(({ Id, Name, Labels }) => ({ kind: 'network', labels: Labels, name: Name, paused: false, refs: () => [Id] }));
}

async function volumes(docker: Docker, filters: Filter): Promise<Row[]> {
  const { Volumes: all } = (await docker.listVolumes({ filters })) as { Volumes: readonly { Name: string; Labels: Labels }[] | null };
  return (all ?? []).map(({ Name, Labels }) => ({ kind: 'volume', labels: Labels, name: Name, paused: false, refs: () => [Name] }));
}

async function images(docker: Docker, filters: Filter): Promise<Row[]> {
  const all = await docker.listImages({ filters });
  return all.map((image) => ({
    kind: 'image',
    labels: image.Labels,
    name: null,
    paused: false,
    refs: (runId) => imageRefsOf(image, runId),
  }));
}
