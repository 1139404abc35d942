#!/usr/bin/env node
import { Command } from 'commander';
import { addDoctor } from './commands/doctor.ts';
import { addDown } from './commands/down.ts';
import { addLogs } from './commands/logs.ts';
import { addJudge, addReport } from './commands/stored-run.ts';
import { addPlan } from './commands/plan.ts';
import { addStatus } from './commands/status.ts';
import { addUp } from './commands/up.ts';
import { addPreflight, addValidate } from './commands/validate.ts';
import { addWorker } from './commands/worker.ts';
import { packageVersion } from './package-info.ts';
import { rejectUnknownCommand } from './unknown-command.ts';
import { failWith, leaveSoon, tolerateClosedPipes, USAGE_EXIT } from './terminal.ts';

// TLS is always checked, here as in the processes of a run, which are not told of this variable.
delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];

const program = new Command('muster')
  .description(
    'The readiness gate for agent backends: starts the stack, runs the suites, judges the evidence, decides GO / CONDITIONAL / NO-GO.',
  )
  .version(packageVersion())
  .showHelpAfterError('(run with --help for the flags and examples)')
  .exitOverride((error) => {
    process.exitCode = error.exitCode === 0 ? 0 : USAGE_EXIT;
    throw error;
  });

for (const add of [addValidate, addPreflight, addUp, addStatus, addLogs, addDown, addDoctor, addPlan, addJudge, addReport, addWorker])
  add(program);

tolerateClosedPipes();
try {
  rejectUnknownCommand(program, process.argv[2]);
  await program.parseAsync(process.argv);
} catch (error) {
  failWith(error);
}
leaveSoon();
