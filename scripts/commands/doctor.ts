import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import pc from 'picocolors';
import { messageOf, MusterError } from '../../harness/model/errors.ts';
import { EXIT_CODE } from '../../harness/model/state.ts';
import {
  describeBinaries,
  describeEngine,
  type EngineDescription,
  lintCriteria,
  missingRequirements,
  unmeasurable,
} from '../../harness/supervisor.ts';
import { print, printJson, wantsColor } from '../terminal.ts';
import { ledgerFindings } from './doctor-ledgers.ts';
import { engineFindings, providerFindings } from './doctor-providers.ts';
import { workerFindings } from './doctor-workers.ts';
import type { Finding } from './doctor-finding.ts';
import { prepare, withConfigFlags, withProviderFlag, withSelectionFlags, type CommonFlags, type Prepared } from './options.ts';

/** First Node 20 and 22 releases that everything Muster uses supports. */
const NODE_RANGE = '20.19+, 22.12+ or newer';

export function addDoctor(program: Command): void {
  withProviderFlag(withSelectionFlags(withConfigFlags(program.command('doctor'))))
    .description('look at this machine and the configuration; every finding comes with its fix; starts nothing')
    .addHelpText('after', '\nExamples:\n  muster doctor\n  muster doctor --target targets/reference.yaml --json')
    .action(async (flags: CommonFlags) => {
      const parts = await Promise.all([binaryFindings(), engineAndConfigFindings(flags)]);
      const findings = [nodeFinding(process.versions.node), ...ledgerFindings(), ...parts.flat()];
      if (flags.json) printJson({ findings });
      else printFindings(findings, wantsColor(flags.color, process.stdout));
      process.exitCode = exitCodeFor(findings);
    });
}

function exitCodeFor(findings: readonly Finding[]): number {
  const problems = findings.filter(({ level }) => level === 'problem');
  if (problems.some(({ area }) => area !== 'machine')) return EXIT_CODE.USAGE;
  return problems.length > 0 ? EXIT_CODE.ENVIRONMENT : 0;
}

function nodeFinding(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const supported = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22;
  return {
    area: 'machine',
    level: supported ? 'ok' : 'problem',
    text: `Node ${version}`,
    fix: supported ? null : `Install Node ${NODE_RANGE}.`,
  };
}

async function engineAndConfigFindings(flags: CommonFlags): Promise<readonly Finding[]> {
  const engine = await describeEngine(process.env);
  return [...engineFindings(engine), ...(await configFindings(flags, engine))];
}

async function binaryFindings(): Promise<readonly Finding[]> {
  const { postgres, redis } = await describeBinaries(process.env);
  return [postgres, redis].map(({ found, text, complete, fix }) => ({
    area: 'machine',
    level: found ? (complete ? 'ok' : 'warning') : 'problem',
    text,
    fix: complete ? null : found ? 'Run ./scripts/setup; until then the vector checks are NOT_RUN.' : (fix ?? 'Run ./scripts/setup.'),
  }));
}

async function configFindings(flags: CommonFlags, engine: EngineDescription): Promise<readonly Finding[]> {
  let prepared: Prepared;
  try {
    prepared = await prepare(flags);
  } catch (error) {
    const fix = error instanceof MusterError ? error.hint : 'Mend the configuration.';
    return [{ area: 'configuration', level: 'problem', text: messageOf(error), fix }];
  }
  const { config, criteria, plan } = prepared;
  const where = config.configFile === null ? 'no config file, target given by flag' : 'the configuration';
  return [
    {
      area: 'configuration',
      level: 'ok',
      text: `${where} is valid: target ${plan.target.name}, profile ${plan.profile}, ${criteria.length} criteria`,
      fix: null,
    },
    ...config.notes.map(
      (text): Finding => ({ area: 'configuration', level: 'warning', text, fix: 'Leave it out, or wait for a version that acts on it.' }),
    ),
    ...lintCriteria(criteria).map(
      ({ level, criterion, text }): Finding => ({
        area: 'criteria',
        level: level === 'error' ? 'problem' : 'warning',
        text: `${criterion}: ${text}`,
        fix: `Change criteria["${criterion}"] in the configuration or the target file.`,
      }),
    ),
    ...(await providerFindings(plan, engine, process.env)),
    ...workerFindings(config.loadWorkers, availableParallelism()),
    ...bindingFindings(plan),
    ...waivedFindings(plan),
  ];
}

/** One line per reason, with the checks that the missing binding or address would unlock. */
function bindingFindings(plan: Prepared['plan']): readonly Finding[] {
  const locked = new Map<string, string[]>();
  for (const [id, reason] of unmeasurable(plan)) locked.set(reason, [...(locked.get(reason) ?? []), id]);
  if (locked.size === 0) return [{ area: 'bindings', level: 'ok', text: 'everything declared can be measured on this target', fix: null }];
  return [...locked].map(([reason, ids]) => ({
    area: 'bindings',
    level: 'warning',
    text: reason,
    fix: `${plan.provider === 'external' ? 'Mending it, or another provider,' : 'Binding it'} unlocks ${ids.join(', ')}.`,
  }));
}

/** What could be measured and was declared not to apply: allowed, but never by accident. */
function waivedFindings({ criteria, target }: Prepared['plan']): readonly Finding[] {
  return criteria
    .filter(
      (criterion) => criterion.notApplicable !== null && criterion.requires.length > 0 && missingRequirements(criterion, target) === null,
    )
    .map(({ id, severity, notApplicable }) => ({
      area: 'criteria',
      level: 'warning',
      text: `${id} (${severity}) is declared not applicable ("${notApplicable ?? ''}"), although the target binds all it needs`,
      fix: 'Remove `notApplicable`, unless the claim truly makes no sense for this system.',
    }));
}

function printFindings(findings: readonly Finding[], color: boolean): void {
  const { green, yellow, red, dim } = pc.createColors(color);
  const sign = { ok: green('✓'), note: dim('·'), warning: yellow('!'), problem: red('✗') };
  for (const { level, area, text, fix } of findings) {
    print(`${sign[level]} ${area}: ${text}`);
    if (fix !== null) print(dim(`    → ${fix}`));
  }
}
