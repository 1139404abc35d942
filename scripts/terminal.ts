import { CommanderError } from 'commander';
import { messageOf, MusterError } from '../harness/model/errors.ts';
import { asMachineError } from '../harness/model/machine-errors.ts';
import { EXIT_CODE } from '../harness/model/state.ts';

const LEAVE_WITHIN_MS = 3_000;

export const USAGE_EXIT = EXIT_CODE.USAGE;

/** What accompanies a command (progress, messages, errors) goes to stderr. */
export function say(text: string): void {
  process.stderr.write(`${withoutCommands(text)}\n`);
}

/** On GitHub a line that begins with `::`, and `##[` anywhere, are commands to the runner: what a target said must not be one. */
function withoutCommands(text: string): string {
  return process.env['GITHUB_ACTIONS'] === 'true' ? text.replaceAll(/^(\s*):(?=:)/gmu, '$1:\u200b').replaceAll('##[', '#\u200b#[') : text;
}

/** What a command is asked for goes to stdout, so that it can be piped. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** A reader that has gone (`| head`) is no error of ours: what it no longer reads is dropped, and the command goes on. */
export function tolerateClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'ENOSPC') throw error;
    });
  }
}

/** Nothing should be open any more; should something be, it does not keep the command from ending. */
export function leaveSoon(): void {
  setTimeout(() => process.exit(), LEAVE_WITHIN_MS).unref();
}

/** Prints what went wrong and what to do next, and sets the exit code that belongs to it. */
export function failWith(thrown: unknown): void {
  const error = asMachineError(thrown);
  if (error instanceof CommanderError) return;
  if (error instanceof MusterError) {
    say(`\nmuster: ${error.message}\n  ${error.hint}\n  [${error.code}]`);
    process.exitCode = error.exitCode;
    return;
  }
  say(`\nmuster: an error of its own: ${messageOf(error)}`);
  if (error instanceof Error && error.stack !== undefined) say(error.stack);
  say('  This is a defect of Muster, not of the target. Please report it with the lines above.\n  [MUSTER_INTERNAL]');
  process.exitCode = EXIT_CODE.INTERNAL;
}

/** Colour unless switched off by flag, NO_COLOR, or because nobody looks. */
export function wantsColor(flag: boolean, stream: NodeJS.WriteStream): boolean {
  return flag && process.env['NO_COLOR'] === undefined && (stream.isTTY || process.env['FORCE_COLOR'] !== undefined);
}

/** Columns to write for; a fixed width where nobody's terminal is known. */
export function terminalWidth(): number {
  return process.stderr.columns || 120;
}
