import type { PostgresService, RedisService } from '../../model/target.ts';

/** In the order they are looked for: ours, which `scripts/images` makes without a registry, then what a registry has. */
const DEFAULTS = {
  postgres: ['muster/postgres:17', 'pgvector/pgvector:pg17'],
  redis: ['muster/redis:8', 'redis:8'],
} as const;

/** Images a store can be run from, the best first; the last one may be pulled. */
export function storeImages({ kind, image }: PostgresService | RedisService): readonly string[] {
  return image === null ? DEFAULTS[kind] : [image];
}

/** The tag of what is built for a service whose target file names none. */
export function builtTag(target: string, service: string): string {
  return `muster/build-${slug(target)}-${slug(service)}`;
}

export function preparedTag(hash: string): string {
  return `muster/prepared-postgres:${hash}`;
}

/** Image names allow lower-case letters, digits and single separators. */
function slug(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}

/** The beginning of a hint. Only Muster's own images, and what stands in for them, come from `scripts/images`. */
export function howToGet(image: string): string {
  return /^(?:muster|pgvector)\/|^redis:/.test(image)
    ? 'Make the images with `scripts/images build`'
    : `Build or load ${image} on this host`;
}
