import { spawn } from 'node:child_process';
import { NotMeasured, type SuiteRun } from '../../../harness/index.ts';

type Program = NonNullable<NonNullable<SuiteRun['spec']['stores']['migrations']>['up']>;

export interface ProgramRun {
  readonly ok: boolean;
  /** How it was run and what came of it, on one line, without the password. */
  readonly told: string;
  readonly durationMs: number;
}

/** What is kept of what it prints. */
const TAIL = 400;
/** What a shell ends with when what it is to run is not there, or is no program. */
const NO_PROGRAM: ReadonlySet<number> = new Set([126, 127]);

/**
 * Runs the program on the database of `url` and on no other. It gets PATH and HOME, and what the target file gives it.
 * @throws NotMeasured when it cannot be started here, or was cut off.
 */
export async function runMigrations({ command, cwd, env }: Program, url: string, signal: AbortSignal): Promise<ProgramRun> {
  const filled = (text: string): string => text.replaceAll('${database}', url);
  const [file = '', ...args] = command.map(filled);
  const inherited = Object.fromEntries(
    ['PATH', 'HOME'].flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
  const given = Object.fromEntries(Object.entries(env).map(([name, text]) => [name, filled(text)]));
  const startMs = performance.now();
  const { code, output, failed } = await untilEnd(file, args, { cwd, env: { ...inherited, ...given }, signal });
  const shown = command.join(' ');
  if (failed !== null) throw new NotMeasured(`\`${shown}\` could not be run: ${failed}`);
  const said = withoutPassword(output, url).replaceAll(/\s+/gu, ' ').trim().slice(-TAIL);
  if (code !== null && NO_PROGRAM.has(code)) throw new NotMeasured(`\`${shown}\` could not be run, it ended with ${code}: ${said}`);
  return {
    ok: code === 0,
    told: `\`${shown}\` ${code === null ? 'was ended by a signal' : `ended with ${code}`}${code === 0 || said === '' ? '' : `: ${said}`}`,
    durationMs: performance.now() - startMs,
  };
}

interface End {
  readonly code: number | null;
  readonly output: string;
  /** Why it did not run to an end of its own. */
  readonly failed: string | null;
}

/** In a group of its own, which ends as a whole when the check does: what it started would keep the database open. */
function untilEnd(
  file: string,
  args: readonly string[],
  { signal, ...where }: { readonly cwd: string; readonly env: Readonly<Record<string, string | undefined>>; readonly signal: AbortSignal },
): Promise<End> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { ...where, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    let output = '';
    const keep = (text: string): void => {
      output = (output + text).slice(-10 * TAIL);
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    const end = (result: End): void => {
      signal.removeEventListener('abort', stop);
      resolve(result);
    };
    const stop = (): void => endGroup(child.pid);
    signal.addEventListener('abort', stop, { once: true });
    // What it leaves behind would go on working, and keep its output open.
    child.once('exit', stop);
    child.once('error', (error) => end({ code: null, output, failed: error.message }));
    child.once('close', (code) => end({ code, output, failed: signal.aborted ? 'it was cut off by a time limit' : null }));
    if (signal.aborted) stop();
  });
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error; // it has ended
  }
}

function withoutPassword(text: string, url: string): string {
  const { password } = new URL(url);
  const hidden = password === '' ? text : text.replaceAll(password, '***').replaceAll(decodeURIComponent(password), '***');
  return hidden;
}
