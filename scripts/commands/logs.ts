import { setTimeout as delay } from 'node:timers/promises';
import { InvalidArgumentError, type Command } from 'commander';
import { MusterError } from '../../harness/model/errors.ts';
import { LOG_START, type LogPosition, type StackLink } from '../../harness/supervisor.ts';
import { print, printJson, say, wantsColor } from '../terminal.ts';
import { linkTo } from './kept-stack.ts';
import { prefixes } from './log-prefix.ts';

const DEFAULT_LINES = 50;
const LOOK_AGAIN_MS = 200;

interface LogsFlags {
  readonly lines?: number;
  readonly follow?: true;
  readonly sinceStart?: true;
  readonly json?: true;
  readonly color: boolean;
}

export function addLogs(program: Command): void {
  program
    .command('logs')
    .description('show what the services of the stack that `muster up` holds have written')
    .argument('[service...]', 'services to show (default: all)')
    .option('--lines <n>', `last lines of each service (default: ${String(DEFAULT_LINES)})`, lineCount)
    .option('--since-start', 'everything that is still there, from the first line on')
    .option('--follow', 'go on until Ctrl-C, or until the stack ends')
    .option('--json', 'one JSON object per line: {"service","line"}')
    .option('--no-color', 'no colours')
    .addHelpText(
      'after',
      `
Examples:
  muster logs                                       the last ${String(DEFAULT_LINES)} lines of every service
  muster logs gateway --follow
  muster logs --since-start --json | jq -r 'select(.service == "postgres").line'

Control characters and secrets are left out. Exit codes: 0, 64 nothing is up from this folder or unknown service.`,
    )
    .action(logs);
}

async function logs(asked: readonly string[], flags: LogsFlags): Promise<void> {
  using link = await linkTo(process.cwd());
  const { services, environment } = await link.stack.describe();
  if (environment.cannot.logs !== undefined) throw noLogs(environment.cannot.logs);
  const known = services.map(({ name }) => name);
  const names = asked.length === 0 ? known : [...new Set(asked)];
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw unknownService(unknown, known);
  const show = printer(names, flags);
  const ends = new AbortController();
  process.once('SIGINT', () => ends.abort());
  process.once('SIGTERM', () => ends.abort());
  void link.lost.then(() => ends.abort('the stack has ended'));
  const positions = await showWhatIsThere(link, names, { flags, show });
  if (flags.follow) await follow(link, positions, { show, signal: ends.signal });
}

type Show = (service: string, lines: readonly string[]) => void;

function printer(names: readonly string[], flags: LogsFlags): Show {
  const prefix = prefixes(names, wantsColor(flags.color, process.stdout));
  return (service, lines) => {
    for (const line of lines) {
      if (flags.json) printJson({ service, line });
      else print(`${prefix(service)}${line}`);
    }
  };
}

/** Shows what was asked for of what was written so far. Returns where each log goes on. */
async function showWhatIsThere(
  link: StackLink,
  names: readonly string[],
  { flags, show }: { readonly flags: LogsFlags; readonly show: Show },
): Promise<Map<string, LogPosition>> {
  const positions = new Map<string, LogPosition>();
  const most = flags.lines ?? (flags.sinceStart ? Number.POSITIVE_INFINITY : DEFAULT_LINES);
  for (const name of names) {
    let kept: readonly string[] = [];
    const next = await readOn(link, { name, from: LOG_START, unfinished: flags.follow !== true }, (lines) => {
      if (most === Number.POSITIVE_INFINITY) show(name, lines);
      else kept = [...kept, ...lines].slice(-most);
    });
    show(name, kept);
    positions.set(name, next);
  }
  return positions;
}

/** Goes on until `signal` aborts: the user has seen enough, or the stack is gone. */
async function follow(
  link: StackLink,
  positions: Map<string, LogPosition>,
  { show, signal }: { readonly show: Show; readonly signal: AbortSignal },
): Promise<void> {
  try {
    while (!signal.aborted) {
      for (const [name, from] of positions)
        positions.set(name, await readOn(link, { name, from, unfinished: false }, (lines) => show(name, lines)));
      await delay(LOOK_AGAIN_MS, null, { signal });
    }
  } catch (error) {
    if (!signal.aborted) await Promise.race([link.lost, delay(LOOK_AGAIN_MS)]);
    if (!signal.aborted) throw error;
  }
  if (typeof signal.reason === 'string') say(`muster: ${signal.reason}`);
}

interface Reading {
  readonly name: string;
  readonly from: LogPosition;
  readonly unfinished: boolean;
}

async function readOn(
  link: StackLink,
  { name, from, unfinished }: Reading,
  onLines: (lines: readonly string[]) => void,
): Promise<LogPosition> {
  for (let position = from; ; ) {
    const { lines, next, end } = await link.stack.readLog(name, position, unfinished);
    onLines(lines);
    if (end) return next;
    position = next;
  }
}

function lineCount(value: string): number {
  const parsed = Number(value);
  if (!Number.isSafeInteger(parsed) || parsed < 0) throw new InvalidArgumentError('expected a whole number, 0 or more');
  return parsed;
}

function unknownService(unknown: readonly string[], known: readonly string[]): MusterError {
  return new MusterError(`The stack has no service ${unknown.map((name) => `"${name}"`).join(', ')}; there are: ${known.join(', ')}.`, {
    code: 'MUSTER_UNKNOWN_SERVICE',
    blame: 'config',
    hint: 'Give the names the services have in the target file.',
  });
}

function noLogs(reason: string): MusterError {
  return new MusterError(`There are no logs to show: ${reason}`, {
    code: 'MUSTER_NO_LOGS',
    blame: 'config',
    hint: 'Look where the services are run.',
  });
}
