import { join } from 'node:path';
import type { Command } from 'commander';
import { monotonicMs } from '../../harness/model/clock.ts';
import type { ProgressEvent } from '../../harness/model/progress.ts';
import type { RunRecord } from '../../harness/model/record.ts';
import { EXIT_CODE } from '../../harness/model/state.ts';
import { Interruption, openSession, reuseStack, supervise } from '../../harness/supervisor.ts';
import { createProgress, renderMatrix, writeReports, type Progress, type WrittenReport } from '../../reports/index.ts';
import { DECLARED } from '../../suites/support/declared.ts';
import { packageRoot, packageVersion, SUITES_FOLDER } from '../package-info.ts';
import { printJson, say, terminalWidth, wantsColor } from '../terminal.ts';
import { stackOf } from './kept-stack.ts';
import { prepare, withRunFlags, type CommonFlags, type Prepared } from './options.ts';
import { listenForSignals } from './signals.ts';

export function addValidate(program: Command): void {
  withRunFlags(program.command('validate', { isDefault: true }))
    .description('start the stack, run the suites, decide, write the reports')
    .addHelpText(
      'after',
      `
Examples:
  muster validate                                   the release gate
  muster validate --profile quick                   a first answer within a minute
  muster validate --suite preflight,recovery        only these suites
  muster validate --only database.stream            only these criteria, and what they rest on
  muster validate --json | jq .                     events as NDJSON, the verdict last
  muster up && muster validate --reuse              on a stack that stands already and stays up
  muster validate --workers 4                       load from four processes of this machine
  muster validate --workers redis://queue:6379      load from every machine that runs muster worker

Exit codes: 0 GO, 20 CONDITIONAL, 30 NO_GO, 40 NOT_ASSESSED, 64 usage or config, 69 no environment, 70 internal, 124 deadline, 130/143 signal.`,
    )
    .action((flags: CommonFlags) => validate(flags));
}

export function addPreflight(program: Command): void {
  withRunFlags(program.command('preflight'))
    .description('start the stack and run only the preflight suite')
    .addHelpText(
      'after',
      '\nExamples:\n  muster preflight --target targets/reference.yaml\n  muster preflight --reuse\n\nExit code 0 when every preflight criterion is in order. The verdict stays NOT_ASSESSED: the other suites did not run.',
    )
    .action((flags: CommonFlags) => validate(flags, ['preflight']));
}

async function validate(flags: CommonFlags, only?: readonly string[]): Promise<void> {
  const commandAtMs = monotonicMs() - performance.now();
  const abort = new AbortController();
  const signals = listenForSignals(abort);
  try {
    const prepared = await prepare(flags, only);
    const { record, unwritten } = await superviseVisibly(prepared, { flags, commandAtMs, abort });
    for (const { file, error } of unwritten) say(`muster: ${file} could not be written: ${error ?? ''}`);
    const asked = only === undefined ? record.exitCode : scopedExit(record, prepared.plan.selected);
    // An answer whose reports are not all there is not handed out as good.
    process.exitCode = unwritten.length > 0 && asked === EXIT_CODE.GO ? EXIT_CODE.INTERNAL : asked;
    if (flags.json) printJson(verdictLine(record, { exitCode: process.exitCode, report: prepared.plan.outDir }));
  } finally {
    signals.dispose();
  }
}

interface Seen {
  readonly record: RunRecord;
  /** Reports that could not be written at the end. */
  readonly unwritten: readonly WrittenReport[];
}

interface Visible {
  readonly flags: CommonFlags;
  readonly commandAtMs: number;
  readonly abort: AbortController;
}

/** One run with live progress, the reports, and the matrix at the end. */
async function superviseVisibly({ plan, config }: Prepared, { flags, commandAtMs, abort }: Visible): Promise<Seen> {
  const color = wantsColor(flags.color, process.stderr);
  const progress = startProgress(color, abort.signal);
  const deadline = setTimeout(
    () => abort.abort(new Interruption(`the deadline of ${plan.deadlineMs / 1000} s was reached`, EXIT_CODE.DEADLINE)),
    plan.deadlineMs,
  ).unref();
  let unwritten: readonly WrittenReport[] = [];
  try {
    const record = await supervise({
      plan,
      knownIds: DECLARED.map((declaration) => declaration.id),
      configDigest: config.digest,
      secrets: config.secrets,
      musterVersion: packageVersion(),
      command: ['muster', ...process.argv.slice(2), ...(flags.seed === undefined ? ['--seed', String(plan.seed)] : [])].join(' '),
      env: process.env,
      root: packageRoot(),
      suitesFolder: SUITES_FOLDER,
      loadWorkers: config.loadWorkers,
      commandAtMs,
      openSession: flags.reuse ? reuseStack((await stackOf(process.cwd())).socketPath) : openSession,
      onProgress: (event: ProgressEvent) => {
        progress.handle(event);
        if (flags.json) printJson(event);
      },
      writeRecord: async (next) => {
        unwritten = (await writeReports(plan.outDir, next)).filter(({ error }) => error !== null);
      },
      signal: abort.signal,
    });
    progress.stop();
    say(renderMatrix(record, { color, width: terminalWidth(), reportPath: join(plan.outDir, 'index.html') }));
    return { record, unwritten };
  } finally {
    progress.stop();
    clearTimeout(deadline);
  }
}

/** The last line of `--json`; `exitCode` is the one of the process. */
function verdictLine({ verdict, reason }: RunRecord, { exitCode, report }: { readonly exitCode: number; readonly report: string }): object {
  return { kind: 'verdict', verdict, exitCode, reason, report };
}

function startProgress(color: boolean, signal: AbortSignal): Progress {
  const progress = createProgress({
    stream: process.stderr,
    isTty: process.stderr.isTTY,
    color,
    githubGroups: process.env['GITHUB_ACTIONS'] === 'true',
    columns: terminalWidth,
  });
  signal.addEventListener('abort', () => progress.stop(), { once: true });
  return progress;
}

/** The answer to a question about part of the criteria: 0 when all of them are in order. The record's verdict stays what it is. */
function scopedExit(record: RunRecord, selected: readonly string[]): number {
  const open = record.criteria.some(({ id, effect }) => selected.includes(id) && effect !== 'ok' && effect !== 'note');
  return record.exitCode === EXIT_CODE.NOT_ASSESSED && !open ? EXIT_CODE.GO : record.exitCode;
}
