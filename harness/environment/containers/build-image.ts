import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { MusterError } from '../../model/errors.ts';
import type { ImageBuild } from '../../model/target.ts';
import { sanitiseLine } from '../sanitise.ts';
import { contextFiles, packContext } from './build-context.ts';
import type { Engine } from './engine.ts';
import { engineError, refusalOf } from './engine-errors.ts';
import { type EngineOutput, readOutput, Steps } from './engine-output.ts';
import { findImage, type Image } from './images.ts';
import { CACHE_LABEL } from './labels.ts';

const SHOWN_LINES = 20;
/** Whoever has just built one may not have made a container from it yet. */
const PRUNE_OLDER_THAN = '15m';

export interface BuildRequest {
  readonly build: ImageBuild;
  readonly tag: string;
  /** Services that are run from it, for messages. */
  readonly services: readonly string[];
  readonly runId: string;
  readonly secrets: readonly string[];
  readonly signal: AbortSignal;
  readonly onProgress: (text: string, service: string) => void;
}

/**
 * Builds an image and tags it; what has not changed comes from the engine's build cache, so the tag is kept for the next run. Not with
 * `GenericContainer.fromDockerfile`: it throws away what the builder says, takes a build that failed for a success when the tag was there
 * before, never settles when the engine refuses, and reads every folder that `.dockerignore` leaves out.
 * @throws MusterError MUSTER_IMAGE_BUILD (environment) with the last lines the builder said; MUSTER_NO_DOCKERFILE (config).
 */
export async function buildImage(engine: Engine, request: BuildRequest): Promise<Image> {
  const { build, tag, signal, onProgress } = request;
  const dockerfile = join(build.context, build.dockerfile);
  if (!existsSync(dockerfile)) throw withoutDockerfile(request, dockerfile);
  const before = await findImage(engine, tag);
  const files = await contextFiles(build);
  const said = await runBuild(engine, request, packContext(build.context, files, request.runId));
  signal.throwIfAborted();
  if (said.error !== null) throw buildError(request, said.error, said.lines);
  // Not by the tag: another run may have built something else under it in the meantime.
  const image = await findImage(engine, said.image ?? tag);
  if (image === null) throw buildError(request, `the engine says it was built, but has no ${tag}`, said.lines);
  if (before !== null && before.id !== image.id) await forgetOld(engine);
  onProgress(before?.id === image.id ? `image ${tag} is up to date` : `built image ${tag}`, request.services[0] ?? tag);
  return { ...image, name: tag };
}

async function runBuild(engine: Engine, request: BuildRequest, context: Readable): Promise<EngineOutput> {
  const { build, tag, signal } = request;
  const steps = new Steps();
  const broken = new AbortController();
  context.once('error', (error) => broken.abort(error));
  try {
    const output = await engine.docker.buildImage(context, {
      t: tag,
      dockerfile: build.dockerfile,
      buildargs: { ...build.args },
      labels: { [CACHE_LABEL]: `build ${tag}` },
      forcerm: true,
      abortSignal: AbortSignal.any([signal, broken.signal]),
      ...(build.stage === null ? {} : { target: build.stage }),
    });
    return await readOutput(output as Readable, (line) => {
      const step = steps.begun(line);
      if (step !== null) request.onProgress(sanitiseLine(step, request.secrets), request.services[0] ?? tag);
    });
  } catch (error) {
    signal.throwIfAborted();
    broken.signal.throwIfAborted();
    if (refusalOf(error).status !== null) return { lines: [], image: null, error: refusalOf(error).text };
    throw engineError(error, `build the image ${tag}`, engine.address);
  } finally {
    // Whoever packs it would wait for ever to be read by an engine that was told to stop.
    context.destroy();
  }
}

/** Earlier builds of ours that lost their tag and that nobody uses. */
async function forgetOld(engine: Engine): Promise<void> {
  const filters = { dangling: ['true'], label: [CACHE_LABEL], until: [PRUNE_OLDER_THAN] };
  await engine.docker.pruneImages({ filters: JSON.stringify(filters) }).catch(() => undefined); // room on a disk, not worth a run
}

function withoutDockerfile({ services }: BuildRequest, dockerfile: string): MusterError {
  const names = services.map((name) => `"${name}"`).join(', ');
  return new MusterError(`The image of ${names} cannot be built: there is no file ${dockerfile}.`, {
    code: 'MUSTER_NO_DOCKERFILE',
    blame: 'config',
    hint: `Correct services.${services[0] ?? '<name>'}.build (context and dockerfile), or write the file.`,
  });
}

function buildError({ build, services, secrets }: BuildRequest, said: string, lines: readonly string[]): MusterError {
  const names = services.map((name) => `"${name}"`).join(', ');
  const tail = lines.slice(-SHOWN_LINES).map((line) => `\n  | ${sanitiseLine(line, secrets)}`);
  const stage = build.stage === null ? '' : `, stage "${build.stage}"`;
  const text = sanitiseLine(said, secrets).replace(/\.$/, '');
  const from = `${join(build.context, build.dockerfile)}${stage}`;
  return new MusterError(`The image of ${names} could not be built from ${from}: ${text}.${tail.join('')}`, {
    code: 'MUSTER_IMAGE_BUILD',
    blame: 'environment',
    hint: /buildkit/i.test(said)
      ? `Build it yourself with BuildKit and name the result in services.${services[0] ?? '<name>'}.image, without build.`
      : 'Mend the Dockerfile or what it copies; what the builder said last stands above.',
  });
}
