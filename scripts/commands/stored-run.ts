import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { judge, readEvidence, readRecord } from '../../harness/supervisor.ts';
import { MusterError } from '../../harness/model/errors.ts';
import type { RunRecord } from '../../harness/model/record.ts';
import { renderMatrix, writeReports } from '../../reports/index.ts';
import { printJson, say, terminalWidth, wantsColor } from '../terminal.ts';
import { prepare, withConfigFlags, type CommonFlags } from './options.ts';

const DEFAULT_RUN = 'muster-report';

export function addJudge(program: Command): void {
  withConfigFlags(program.command('judge'))
    .description('judge a stored run again with the thresholds of the configuration, without touching the target')
    .argument('[run]', 'folder of the run', DEFAULT_RUN)
    .option('--out <dir>', 'folder to write to (default: `judged` in the folder of the run)')
    .addHelpText('after', '\nExample:\n  muster judge muster-report --config stricter.config.ts --out rejudged')
    .action(async (run: string, flags: CommonFlags) => {
      const stored = await readEvidence(resolve(run));
      const { criteria, plan } = await prepare({ ...flags, profile: stored.plan.profile });
      if (plan.target.name !== stored.plan.target.name) throw otherTarget(stored.plan.target.name, plan.target.name);
      const record = judge(stored, criteria);
      const outDir = flags.out === undefined ? resolve(run, 'judged') : resolve(flags.out);
      await finish(record, outDir, flags);
    });
}

export function addReport(program: Command): void {
  program
    .command('report')
    .description('render the reports of a stored run again from its report.json')
    .argument('[run]', 'folder of the run', DEFAULT_RUN)
    .option('--out <dir>', 'folder to write to (default: the folder of the run)')
    .option('--json', 'print the record on stdout')
    .option('--no-color', 'no colours')
    .addHelpText('after', '\nExample:\n  muster report muster-report --out public')
    .action(async (run: string, flags: Pick<CommonFlags, 'out' | 'json' | 'color'>) => {
      const record = await readRecord(resolve(run));
      await finish(record, resolve(flags.out ?? run), flags);
      process.exitCode = 0;
    });
}

function otherTarget(stored: string, configured: string): MusterError {
  return new MusterError(`The stored run is about the target "${stored}", the configuration about "${configured}".`, {
    code: 'MUSTER_OTHER_TARGET',
    blame: 'config',
    hint: 'Give the configuration of the same target with --config or --target.',
  });
}

async function finish(record: RunRecord, outDir: string, flags: Pick<CommonFlags, 'json' | 'color'>): Promise<void> {
  await writeReports(outDir, record);
  const color = wantsColor(flags.color, process.stderr);
  say(renderMatrix(record, { color, width: terminalWidth(), reportPath: join(outDir, 'index.html') }));
  if (flags.json) printJson(record);
  process.exitCode = record.exitCode;
}
