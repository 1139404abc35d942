import type { Engine } from '../containers/engine.ts';

/**
 * Everything on the engine that mentions one of these words in any field that lists show: names, labels, mounts. Knows nothing of how the
 * clean-up finds things, so that a mistake there does not hide itself here.
 */
export async function engineRemains({ docker }: Engine, words: readonly string[]): Promise<string[]> {
  const [containers, networks, { Volumes: volumes }, images] = await Promise.all([
    docker.listContainers({ all: true }),
    docker.listNetworks(),
    docker.listVolumes() as Promise<{ Volumes: readonly { readonly Name: string }[] | null }>,
    docker.listImages(),
  ]);
  const mentions = (thing: object): boolean => words.some((word) => JSON.stringify(thing).includes(word));
  return [
    ...containers.filter(mentions).map(({ Names, State }) => `container ${Names.join()} (${State})`),
    ...networks.filter(mentions).map(({ Name }) => `network ${Name}`),
    ...(volumes ?? []).filter(mentions).map(({ Name }) => `volume ${Name}`),
    ...images.filter(mentions).map(({ RepoTags, Id }) => `image ${RepoTags?.join() ?? Id}`),
  ];
}

/** Volumes without a name that containers which mention one of these words hold. */
export async function anonymousVolumesOf({ docker }: Engine, words: readonly string[]): Promise<string[]> {
  const containers = await docker.listContainers({ all: true });
  return containers
    .filter((container) => words.some((word) => JSON.stringify(container).includes(word)))
    .flatMap(({ Mounts }) => Mounts.flatMap(({ Name }) => (Name !== undefined && /^[0-9a-f]{64}$/u.test(Name) ? [Name] : [])));
}
