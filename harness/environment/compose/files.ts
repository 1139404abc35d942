import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { messageOf, MusterError } from '../../model/errors.ts';
import type { ComposeFiles, Target } from '../../model/target.ts';
import type { Env } from '../binaries.ts';
import { RUN_MARKER } from '../run-processes.ts';
import { sanitiseLine } from '../sanitise.ts';
import { type ComposeCli, definedOf, runCompose } from './cli.ts';
import { type ComposeConfig, readConfig } from './config.ts';
import { lastWord } from './said.ts';

/** @throws MusterError (config) when the target names no compose file, or one that is not there. */
export function requireFiles({ name, compose }: Target): ComposeFiles {
  if (compose === null) throw fileError(`The provider compose cannot run "${name}": the target file names no compose file.`);
  const absent = compose.files.filter((file) => !existsSync(file));
  if (absent.length === 0) return compose;
  throw fileError(`The compose file ${absent.join(' and ')} of the target "${name}" does not exist.`);
}

/** What compose is run with: the caller's variables for the user's own placeholders, ours over them. */
export function composeEnv(
  env: Env,
  run: {
    readonly runId: string;
    readonly project: string;
    readonly secret: string;
    readonly engine: string;
    readonly profiles: readonly string[];
  },
): Record<string, string> {
  const { COMPOSE_FILE: _files, COMPOSE_ENV_FILES: _envFiles, ...own } = definedOf(env);
  return {
    ...own,
    MUSTER_RUN_ID: run.runId,
    MUSTER_SECRET: run.secret,
    [RUN_MARKER]: run.runId,
    DOCKER_HOST: run.engine,
    COMPOSE_PROJECT_NAME: run.project,
    // What the target names, whatever the caller's shell has.
    COMPOSE_PROFILES: run.profiles.join(','),
    COMPOSE_ANSI: 'never',
    COMPOSE_STATUS_STDOUT: '0',
  };
}

export interface ReadFile {
  readonly config: ComposeConfig;
  /** What compose warned of, as far as it is about variables. */
  readonly warnings: readonly string[];
}

/** The files as compose understands them. @throws MusterError (config) with compose's own words when it does not. */
export async function readFiles(
  cli: ComposeCli,
  files: readonly string[],
  {
    env,
    signal,
    secrets,
  }: { readonly env: Readonly<Record<string, string>>; readonly signal: AbortSignal; readonly secrets: readonly string[] },
): Promise<ReadFile> {
  const args = [...files.flatMap((file) => ['-f', file]), 'config', '--format', 'json'];
  const { code, stdout, stderr } = await runCompose(cli, args, { cwd: dirname(files[0] ?? '.'), env, signal });
  signal.throwIfAborted();
  if (code !== 0) throw fileError(`The compose file ${files.join(' with ')} is not valid: ${lastWord(stderr, secrets)}.`);
  try {
    return { config: readConfig(stdout), warnings: warningsIn(stderr, secrets) };
  } catch (error) {
    const what = sanitiseLine(messageOf(error).replace(/\s+/g, ' '), secrets);
    throw fileError(`What \`compose config\` ${cli.version} printed of ${files.join(' with ')} was not understood: ${what}.`);
  }
}

function warningsIn(stderr: string, secrets: readonly string[]): string[] {
  const messages = [...stderr.matchAll(/level=warning msg="((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) => text.replaceAll('\\"', '"'));
  return messages.filter((text) => text.includes('variable is not set')).map((text) => sanitiseLine(text, secrets));
}

function fileError(message: string): MusterError {
  return new MusterError(message, {
    code: 'MUSTER_COMPOSE_FILE',
    blame: 'config',
    hint: 'Write compose.file in the target file, relative to its folder; `docker compose config` must accept what it names.',
  });
}
