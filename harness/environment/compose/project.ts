import { dirname } from 'node:path';
import { messageOf, MusterError } from '../../model/errors.ts';
import { abortable } from '../abortable.ts';
import type { Engine } from '../containers/engine.ts';
import { DockerComposeEnvironment } from 'testcontainers';
import { useEngine } from '../containers/testcontainers.ts';
import { engineError, refusalOf } from '../containers/engine-errors.ts';
import { howToGet } from '../containers/image-names.ts';
import { findImage } from '../containers/images.ts';
import { type ComposeCli, runCompose } from './cli.ts';
import type { ComposeConfig } from './config.ts';
import { lastWord, linesOf, quoted } from './said.ts';

export interface ComposeProjectOptions {
  readonly cli: ComposeCli;
  readonly engine: Engine;
  readonly project: string;
  /** The user's own, then the override. */
  readonly files: readonly string[];
  readonly profiles: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
}

/** One compose project on the engine: made first, then started, so that what fails while it starts stays there to be looked at. */
export class ComposeProject {
  readonly #options: ComposeProjectOptions;
  #creating: Promise<unknown> = Promise.resolve();

  constructor(options: ComposeProjectOptions) {
    this.#options = options;
  }

  /**
   * Builds and pulls what is missing, then makes networks, volumes and containers; nothing runs yet.
   * @throws MusterError MUSTER_IMAGE_BUILD, MUSTER_IMAGE_MISSING or MUSTER_COMPOSE_UP (environment); the signal's reason.
   */
  async create(config: ComposeConfig, signal: AbortSignal): Promise<void> {
    const toBuild = [...config.services.values()].filter(({ built }) => built).map(({ name }) => name);
    if (toBuild.length > 0) await this.#build(toBuild, signal);
    try {
      this.#creating = this.#up();
      await abortable(this.#creating, signal, 0);
    } catch (error) {
      signal.throwIfAborted();
      throw (await this.#missingImage(config, error)) ?? this.#upError(error);
    }
  }

  /** Starts every container in the order and under the conditions of the file. null when all started, else what compose said. */
  async start(signal: AbortSignal): Promise<string | null> {
    const { code, stderr, stdout } = await this.#run(['start'], signal);
    signal.throwIfAborted();
    return code === 0 ? null : lastWord(stderr || stdout, this.#options.secrets);
  }

  /** Resolves when no program of ours works on the project any more. */
  async settled(): Promise<void> {
    await this.#creating.catch(() => undefined); // whoever waited for it has the error
  }

  /** With testcontainers as far as it keeps what went wrong: its own start would take everything down after a failure. */
  async #up(): Promise<void> {
    const { cli, engine, project, files, profiles, env } = this.#options;
    await useEngine(engine);
    const [first = ''] = files;
    const standalone = cli.program.length === 1 ? { executable: { standalone: true, executablePath: cli.program[0] } as const } : {};
    await new DockerComposeEnvironment(dirname(first), [...files])
      .withProjectName(project)
      .withProfiles(...profiles)
      .withEnvironment({ ...env })
      .withAutoCleanup(false)
      .withClientOptions({ ...standalone, commandOptions: ['--no-start'] })
      .up();
  }

  async #build(services: readonly string[], signal: AbortSignal): Promise<void> {
    const { code, stdout, stderr } = await this.#run(['build', ...services], signal);
    signal.throwIfAborted();
    if (code === 0) return;
    const { secrets } = this.#options;
    const names = services.map((name) => `"${name}"`).join(', ');
    throw new MusterError(
      `Compose could not build the images of ${names}: ${lastWord(stderr, secrets)}.${quoted(linesOf(`${stdout}\n${stderr}`, secrets))}`,
      {
        code: 'MUSTER_IMAGE_BUILD',
        blame: 'environment',
        hint: 'Mend the Dockerfile or what it copies; what the builder said last stands above.',
      },
    );
  }

  async #missingImage(config: ComposeConfig, error: unknown): Promise<MusterError | null> {
    for (const { name, image, built } of config.services.values()) {
      if (built || image === null || (await findImage(this.#options.engine, image)) !== null) continue;
      const said = lastWord(messageOf(error), this.#options.secrets);
      return new MusterError(`Compose cannot start "${name}": image ${image} is not on this host and cannot be pulled (${said}).`, {
        code: 'MUSTER_IMAGE_MISSING',
        blame: 'environment',
        hint: `${howToGet(image)}, or name one that is here in the compose file.`,
        cause: error,
      });
    }
    return null;
  }

  #upError(error: unknown): MusterError {
    const { engine, secrets } = this.#options;
    const said = lastWord(messageOf(error), secrets);
    const known = engineError(new Error(refusalOf(new Error(said)).text), 'make what the compose file describes', engine.address);
    if (known.code !== 'MUSTER_ENGINE') return known;
    return new MusterError(`Compose could not make what the compose file describes: ${said}.`, {
      code: 'MUSTER_COMPOSE_UP',
      blame: 'environment',
      hint: 'Try `docker compose up` on the file by hand; what it says there has to be mended first.',
      cause: error,
    });
  }

  #run(command: readonly string[], signal: AbortSignal): ReturnType<typeof runCompose> {
    const { cli, files, env } = this.#options;
    const [first = ''] = files;
    return runCompose(cli, [...files.flatMap((file) => ['-f', file]), ...command], { cwd: dirname(first), env, signal });
  }
}
