import { InvalidArgumentError, Option, type Command } from 'commander';
import { PROFILES, type Criterion } from '../../harness/model/criterion.ts';
import {
  PROVIDERS,
  loadConfig,
  makePlan,
  readDuration,
  redactText,
  resolveCriteria,
  type ResolvedConfig,
} from '../../harness/supervisor.ts';
import type { RunPlan } from '../../harness/model/plan.ts';
import { DECLARED, SUITES } from '../../suites/support/declared.ts';

/** Flags shared by every command that reads the configuration. */
export interface CommonFlags {
  readonly config?: string;
  readonly target?: string;
  readonly provider?: string;
  readonly profile?: string;
  readonly suite?: readonly string[];
  readonly only?: readonly string[];
  readonly skip?: readonly string[];
  readonly seed?: number;
  readonly deadline?: number;
  readonly out?: string;
  readonly workers?: number | string;
  readonly reuse?: true;
  readonly json?: true;
  readonly color: boolean;
}

/** Flags that find and choose a configuration. */
export function withConfigFlags(command: Command): Command {
  return command
    .option('--config <file>', 'configuration file (default: muster.config.ts|mts|js|mjs|yaml|json in this folder)')
    .option('--target <file>', 'target file; overrides `target` of the configuration')
    .option('--json', 'machine-readable output on stdout; text for people stays on stderr')
    .option('--no-color', 'no colours');
}

/** Flags that choose how the environment comes to life. */
export function withProviderFlag(command: Command): Command {
  const lines = PROVIDERS.map((name) => `\n  ${name.padEnd(LONGEST_PROVIDER)}  ${PROVIDER_HELP[name]}`);
  return command.addOption(new Option('--provider <name>', `how the environment comes to life${lines.join('')}\n`).choices([...PROVIDERS]));
}

const PROVIDER_HELP: Readonly<Record<(typeof PROVIDERS)[number], string>> = {
  auto: 'containers where an engine and all images are there, else local; says why (default)',
  local: 'stores and services as processes of this machine',
  containers: 'stores and services in containers of their own',
  compose: 'the compose file of the target, never edited',
  external: 'what already runs at the `url`s of the target file; starts and stops nothing',
};
const LONGEST_PROVIDER = Math.max(...PROVIDERS.map(({ length }) => length));

/** Flags that choose what is run. */
export function withSelectionFlags(command: Command): Command {
  return command
    .addOption(new Option('--profile <name>', 'quick: a minute; full: the release gate').choices([...PROFILES]))
    .option('--suite <ids>', 'run only these suites, comma separated; the rest is NOT_RUN, so this is never a GO', list)
    .option('--only <ids>', 'run only these criteria or groups of them, such as database.stream, with what they rest on', list)
    .option('--skip <ids>', 'leave these suites, groups or criteria out; they are NOT_RUN', list);
}

/** Flags of a run. */
export function withRunFlags(command: Command): Command {
  return withSelectionFlags(withProviderFlag(withConfigFlags(command)))
    .addOption(new Option('--reuse', 'work with the stack that `muster up` holds for this folder, and leave it up').conflicts('provider'))
    .option('--seed <n>', 'repeat the random choices of an earlier run', wholeNumber)
    .option('--deadline <duration>', 'limit for the whole run, such as 90s or 10m', durationMs)
    .option(
      '--workers <n|redis-url>',
      'load workers: 1 to 16 on this machine (default: 1), or all that `muster worker` holds ready at a Redis',
      workers,
    )
    .option('--out <dir>', 'folder for the reports (default: muster-report)');
}

export interface Prepared {
  readonly config: ResolvedConfig;
  readonly criteria: readonly Criterion[];
  readonly plan: RunPlan;
}

/** Configuration → criteria → plan; every mistake in them is reported at once, before anything starts. */
export async function prepare(flags: CommonFlags, only?: readonly string[]): Promise<Prepared> {
  const config = await loadConfig({
    cwd: process.cwd(),
    env: process.env,
    declarations: DECLARED,
    ...(flags.config === undefined ? {} : { file: flags.config }),
    ...(flags.target === undefined ? {} : { targetFile: flags.target }),
    ...(flags.profile === undefined ? {} : { profile: flags.profile }),
    flags: {
      provider: flags.provider,
      suites: only ?? flags.suite,
      only: flags.only,
      skip: flags.skip,
      seed: flags.seed,
      deadlineMs: flags.deadline,
      out: flags.out,
      workers: flags.workers,
    },
  });
  const { criteria } = resolveCriteria(DECLARED, { ...config, suites: null, only: null, skip: [] });
  const { criteria: selected } = resolveCriteria(DECLARED, config);
  const sources = [
    ...flagged('--config', flags.config),
    ...flagged('--target', flags.target),
    ...flagged('--provider', flags.provider),
    ...flagged('--workers', shownWorkers(flags.workers)),
    ...(flags.reuse ? ['--reuse'] : []),
  ];
  return { config, criteria, plan: makePlan({ config, criteria, selected, suiteOrder: SUITES, sources }, new Date()) };
}

function flagged(flag: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [flag, value];
}

function list(value: string): readonly string[] {
  const items = value.split(',').map((item) => item.trim());
  if (items.some((item) => item === '')) throw new InvalidArgumentError(`expected names separated by commas, such as preflight,recovery`);
  return items;
}

function durationMs(value: string): number {
  const read = readDuration(value);
  if (!read.ok) throw new InvalidArgumentError(read.problem);
  return read.value;
}

/** The number, or the address as it is; both are checked with the configuration. */
function workers(value: string): number | string {
  return /^\d{1,15}$/u.test(value) ? Number(value) : value;
}

/** Part of a command that is printed and stored: an address without its password. */
function shownWorkers(value: number | string | undefined): string | undefined {
  return value === undefined ? undefined : redactText(String(value), new Set());
}

function wholeNumber(value: string): number {
  const parsed = Number(value);
  if (!Number.isSafeInteger(parsed) || parsed < 0) throw new InvalidArgumentError(`expected a whole number, 0 or more`);
  return parsed;
}
