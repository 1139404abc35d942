import type { Command } from 'commander';
import { samplesNeeded, unmeasurable, writesTo } from '../../harness/supervisor.ts';
import type { Criterion } from '../../harness/model/criterion.ts';
import { print, printJson } from '../terminal.ts';
import { describeWorkers } from './doctor-workers.ts';
import { prepare, withConfigFlags, withProviderFlag, withSelectionFlags, type CommonFlags } from './options.ts';

interface PlanRow {
  readonly id: string;
  readonly severity: string;
  readonly pass: string;
  readonly nogo: string | null;
  /** Fewest samples that can prove the target when nothing goes wrong. */
  readonly needs: number;
  /** Why it cannot be measured on this target; null when it can. */
  readonly notMeasurable: string | null;
  readonly notApplicable: string | null;
}

export function addPlan(program: Command): void {
  withProviderFlag(withSelectionFlags(withConfigFlags(program.command('plan'))))
    .description('say what a run would measure, what proof needs, and what target and provider do not let it see; starts nothing')
    .addHelpText(
      'after',
      '\nExamples:\n  muster plan --profile quick\n  muster plan --json\n  muster plan --provider external --target staging.yaml',
    )
    .action(async (flags: CommonFlags) => {
      const { plan, config } = await prepare(flags);
      const missing = unmeasurable(plan);
      const rows = plan.criteria
        .filter(({ id }) => plan.selected.includes(id))
        .map((criterion) => planRow(criterion, missing.get(criterion.id) ?? null));
      const writes = plan.provider === 'external' ? writesTo(plan.target) : [];
      if (flags.json) printJson({ target: plan.target.name, profile: plan.profile, suites: plan.suites, criteria: rows, writes });
      else printRows(plan.target.name, plan.profile, rows);
      if (!flags.json && writes.length > 0) print(`\n${writes.join(' ')}`);
      if (!flags.json && config.loadWorkers !== 1) print(`Load comes from ${describeWorkers(config.loadWorkers)}.`);
    });
}

function planRow(criterion: Criterion, notMeasurable: string | null): PlanRow {
  return {
    id: criterion.id,
    severity: criterion.severity,
    pass: criterion.pass?.text ?? (criterion.kind === 'count' ? 'none' : 'every attempt'),
    nogo: criterion.nogo?.text ?? null,
    needs: samplesNeeded(criterion),
    notMeasurable,
    notApplicable: criterion.notApplicable,
  };
}

function printRows(target: string, profile: string, rows: readonly PlanRow[]): void {
  const width = Math.max(...rows.map((row) => row.id.length));
  print(`${target}, profile ${profile}: ${rows.length} criteria\n`);
  for (const row of rows) {
    const bounds = row.nogo === null ? row.pass : `${row.pass}, no-go ${row.nogo}`;
    const note = row.notApplicable ?? row.notMeasurable;
    print(
      `  ${row.severity}  ${row.id.padEnd(width)}  ${bounds}; needs n ≥ ${row.needs}${note === null ? '' : `  — will be ${row.notApplicable === null ? 'NOT_RUN' : 'NOT_APPLICABLE'}: ${note}`}`,
    );
  }
  const unseen = rows.filter((row) => row.notMeasurable !== null && row.notApplicable === null).length;
  print(
    unseen === 0
      ? '\nEverything declared can be measured.'
      : `\n${unseen} criteria cannot be measured here: with a P0 or P1 among them no GO is possible. Bind what is missing, or write in the configuration why it does not apply: criteria: { <id>: { notApplicable: { reason: … } } }.`,
  );
}
