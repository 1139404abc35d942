import { MusterError } from '../../model/errors.ts';
import type { Env } from '../binaries.ts';
import { type ProgramResult, runProgram } from '../run-program.ts';
import { sanitiseLine } from '../sanitise.ts';

/** The first with `!override`, which the generated file needs to replace a user's ports. */
const OLDEST = [2, 24, 4] as const;
const HINT =
  'Install the compose plugin of your engine (`docker compose version` must answer 2.24.4 or newer), or choose another --provider.';

/** Compose v2 on this machine. */
export interface ComposeCli {
  readonly version: string;
  /** What is called: `docker compose`, or the plugin's own program. */
  readonly program: readonly [string, ...string[]];
}

/**
 * Finds compose: the plugin, else its program on the PATH.
 * @throws MusterError (environment) when there is none, or only one that is too old; it says what was found.
 */
export async function findCompose(env: Env): Promise<ComposeCli> {
  const plugin = await versionOf(['docker', 'compose'], env);
  if (plugin.version !== null) return recent({ version: plugin.version, program: ['docker', 'compose'] });
  const alone = await versionOf(['docker-compose'], env);
  if (alone.version !== null) return recent({ version: alone.version, program: ['docker-compose'] });
  throw composeError(`Compose v2 was not found: \`docker compose version\` ${plugin.said}, \`docker-compose version\` ${alone.said}.`);
}

/** Runs compose to its end. Never rejects for what compose does. */
export function runCompose(
  { program: [file, ...first] }: ComposeCli,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string>>; readonly signal?: AbortSignal },
): Promise<ProgramResult> {
  return runProgram(file, [...first, ...args], options);
}

/** Only what is set. */
export function definedOf(env: Env): Record<string, string> {
  return Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

interface Answer {
  readonly version: string | null;
  /** Clause that follows the command. */
  readonly said: string;
}

async function versionOf([file, ...first]: readonly [string, ...string[]], env: Env): Promise<Answer> {
  const { code, stdout, stderr } = await runProgram(file, [...first, 'version', '--short'], { cwd: '/', env: definedOf(env) });
  const version = /\d+\.\d+\.\d+\S*/.exec(stdout)?.[0];
  if (code === 0 && version !== undefined) return { version, said: `is ${version}` };
  const said = sanitiseLine((stderr || stdout).trim().split('\n')[0] ?? '', []);
  return { version: null, said: whyNone(said) };
}

/** `docker` takes the flags of a plugin it does not have for its own. */
function whyNone(said: string): string {
  if (/ENOENT/.test(said)) return 'found no such program';
  if (/unknown (?:shorthand )?flag|unknown command|is not a docker command/i.test(said)) return 'found no plugin of that name';
  return `said "${said}"`;
}

function recent(cli: ComposeCli): ComposeCli {
  const found = cli.version.split(/[.+-]/).map(Number);
  const [name, major] = [cli.program.join(' '), found[0] ?? 0];
  if (major < 2) throw composeError(`Compose v2 is needed, but \`${name}\` is ${cli.version}, which is compose v1.`);
  if (isOlder(found)) throw composeError(`Compose ${OLDEST.join('.')} or newer is needed, but \`${name}\` is ${cli.version}.`);
  return cli;
}

function isOlder(found: readonly number[]): boolean {
  for (const [index, needed] of OLDEST.entries()) {
    const part = found[index] ?? 0;
    if (part !== needed) return part < needed;
  }
  return false;
}

function composeError(message: string): MusterError {
  return new MusterError(message, { code: 'MUSTER_NO_COMPOSE', blame: 'environment', hint: HINT });
}
