import pc from 'picocolors';
import type { Command } from 'commander';
import type { StackState } from '../../harness/supervisor.ts';
import { print, printJson, wantsColor } from '../terminal.ts';
import { linkTo } from './kept-stack.ts';

interface StatusFlags {
  readonly json?: true;
  readonly color: boolean;
}

export function addStatus(program: Command): void {
  program
    .command('status')
    .description('say what the stack of `muster up` is doing: services, addresses, what has died')
    .option('--json', 'machine-readable output on stdout')
    .option('--no-color', 'no colours')
    .addHelpText(
      'after',
      '\nExamples:\n  muster status\n  muster status --json | jq .down\n\nExit codes: 0 something is up, 64 nothing is up from this folder.',
    )
    .action(status);
}

async function status(flags: StatusFlags): Promise<void> {
  using link = await linkTo(process.cwd());
  const state = await link.stack.describe();
  if (flags.json) return printJson(view(state));
  const { green, red, dim } = pc.createColors(wantsColor(flags.color, process.stdout));
  const { target, environment, choice, startedAt, pid, guest } = state;
  print(`${target} since ${startedAt} (pid ${String(pid)}), provider ${environment.provider}: ${choice.reason}; ${environment.reason}`);
  const width = Math.max(...state.services.map(({ name }) => name.length));
  for (const service of state.services) {
    const why = state.down[service.name];
    print(`${why === undefined ? green('✓') : red('✗')} ${service.name.padEnd(width)}  ${service.url}`);
    if (why !== undefined) print(dim(`    → ${why}`));
  }
  if (guest !== null) print(`Run ${guest.runId} (pid ${String(guest.pid)}) is working with it.`);
}

/** Without the way in beside the services' own role: that is the harness's. */
function view({ runId, pid, startedAt, target, environment, choice, services, down, guest }: StackState): object {
  return {
    runId,
    pid,
    startedAt,
    target,
    provider: environment.provider,
    reason: `${choice.reason}; ${environment.reason}`,
    services: services.map(({ name, kind, url, version, readyMs, running, pid: root, container, restarts }) => ({
      name,
      kind,
      url,
      version,
      readyMs,
      running,
      pid: root,
      container,
      restarts,
    })),
    down,
    guest,
  };
}
