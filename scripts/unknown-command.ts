import type { Command } from 'commander';
import { MusterError } from '../harness/model/errors.ts';

/**
 * `validate` is the default command, so commander would take a mistyped command for an argument of it.
 * @throws MusterError (config) for a first word that is neither a flag nor a command.
 */
export function rejectUnknownCommand(program: Command, first: string | undefined): void {
  if (first === undefined || first.startsWith('-')) return;
  const known = ['help', ...program.commands.map((command) => command.name())];
  if (known.includes(first)) return;
  const similar = known.find((name) => name.startsWith(first) || first.startsWith(name) || name.slice(0, 3) === first.slice(0, 3));
  throw new MusterError(`There is no command "${first}".`, {
    code: 'MUSTER_UNKNOWN_COMMAND',
    blame: 'config',
    hint: `${similar === undefined ? '' : `Did you mean "${similar}"? `}Commands are: ${known.join(', ')}.`,
  });
}
