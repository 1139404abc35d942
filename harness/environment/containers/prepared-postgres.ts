import { createHash, randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MusterError } from '../../model/errors.ts';
import { ADMIN_ROLE, COMMON_INITDB_ARGS, COMMON_SETTINGS, STATEMENT_SETTINGS } from '../postgres-settings.ts';
import { buildImage, type BuildRequest } from './build-image.ts';
import type { Engine } from './engine.ts';
import { preparedTag } from './image-names.ts';
import { findImage, type Image } from './images.ts';

/** The superuser's password in a prepared image: good for nothing but the first connection of a run, which replaces it. */
const PASSWORD_LABEL = 'muster.prepared.password';
const PREPARED_LABEL = 'muster.prepared.from';

/** Outside of every volume, or it would not be part of the image. */
const DATA = '/var/lib/muster/pgdata';
/** Comes along as a file: everybody on this host can read a command line. */
const PASSWORD_FILE = '/tmp/muster-password';
const CONTAINER_SETTINGS = [`listen_addresses = '*'`];

export interface PreparedPostgres {
  readonly image: Image;
  /** Connects as the superuser until the run has set its own. */
  readonly password: string;
}

type PrepareOptions = Pick<BuildRequest, 'runId' | 'signal' | 'onProgress'> & {
  readonly base: Image;
  readonly service: string;
  readonly runDir: string;
};

/**
 * An image with a data directory that is already made: a server starts in a third of a second instead of two. Made once per base image
 * and recipe, and kept.
 * @throws MusterError (environment) when it cannot be made from this base image.
 */
export async function preparePostgres(engine: Engine, options: PrepareOptions): Promise<PreparedPostgres> {
  const { base } = options;
  const tag = preparedTag(recipeHash(base));
  const kept = await findImage(engine, tag);
  const image = kept ?? (await make(engine, tag, options));
  const password = image.labels[PASSWORD_LABEL];
  if (password !== undefined) return { image, password };
  throw new MusterError(`The image ${tag} was not made by Muster: it lacks the label ${PASSWORD_LABEL}.`, {
    code: 'MUSTER_PREPARED_POSTGRES',
    blame: 'environment',
    hint: `Remove it: docker image rm ${tag}`,
  });
}

async function make(engine: Engine, tag: string, options: PrepareOptions): Promise<Image> {
  const { base, service, runDir, runId, signal, onProgress } = options;
  onProgress(`preparing a data directory in ${base.name}, once for this image`, service);
  const context = join(runDir, `prepare-${service}`);
  const password = randomBytes(18).toString('hex');
  await mkdir(context, { mode: 0o700 });
  await writeFile(join(context, 'Dockerfile'), dockerfile(base, password), { mode: 0o600 });
  await writeFile(join(context, 'password'), `${password}\n`, { mode: 0o600 });
  await writeFile(join(context, 'prepare.sh'), SCRIPT, { mode: 0o755 });
  const build = { context, dockerfile: 'Dockerfile', stage: null, args: {} };
  const image = await buildImage(engine, { build, tag, services: [service], runId, secrets: [password], signal, onProgress });
  await forgetOthers(engine, base, tag);
  return image;
}

/** Those made from earlier contents of the same base image, or with another recipe. One that is in use stays. */
async function forgetOthers({ docker }: Engine, base: Image, tag: string): Promise<void> {
  try {
    const others = await docker.listImages({ filters: { label: [`${PREPARED_LABEL}=${base.name}`] } });
    const tags = others.flatMap(({ RepoTags }) => RepoTags ?? []).filter((other) => other !== tag && other !== '<none>:<none>');
    await Promise.allSettled(tags.map((other) => docker.getImage(other).remove()));
  } catch {
    return; // room on a disk, not worth a run
  }
}

function dockerfile(base: Image, password: string): string {
  return [
    // By its content, as the tag is: the name may mean another image by now.
    `FROM ${base.id}`,
    `LABEL ${PREPARED_LABEL}="${base.name}" ${PASSWORD_LABEL}="${password}"`,
    `ENV PGDATA=${DATA}`,
    'COPY prepare.sh /muster-prepare.sh',
    'USER root',
    `COPY password ${PASSWORD_FILE}`,
    `RUN ["sh", "-c", "mkdir -p ${DATA} && chown -R postgres ${DATA} ${PASSWORD_FILE} && chmod 700 ${DATA}"]`,
    'USER postgres',
    'RUN ["sh", "/muster-prepare.sh"]',
    `USER ${base.user === '' ? 'root' : base.user}`,
    '',
  ].join('\n');
}

/** `initdb` may be off the PATH, as on Debian; where the extensions are told of depends on the distribution. */
const SCRIPT = `set -eu
PATH="$PATH:$(echo /usr/lib/postgresql/*/bin | tr ' ' ':')"
initdb ${COMMON_INITDB_ARGS.join(' ')} --pwfile=${PASSWORD_FILE} --pgdata="$PGDATA"
rm ${PASSWORD_FILE}
printf 'host all all all scram-sha-256\\n' >>"$PGDATA/pg_hba.conf"
cat >>"$PGDATA/postgresql.conf" <<'END'
${[...CONTAINER_SETTINGS, ...COMMON_SETTINGS].join('\n')}
END
for control in /usr/share/postgresql/*/extension/pg_stat_statements.control /usr/local/share/postgresql/extension/pg_stat_statements.control; do
  if [ -f "$control" ]; then
    cat >>"$PGDATA/postgresql.conf" <<'END'
${STATEMENT_SETTINGS.join('\n')}
END
    break
  fi
done
`;

function recipeHash(base: Image): string {
  return createHash('sha256')
    .update(JSON.stringify([base.id, ADMIN_ROLE, DATA, SCRIPT]))
    .digest('hex')
    .slice(0, 16);
}
