import { fromErrorData, type ErrorData } from '../../harness/model/error-data.ts';
import { MusterError } from '../../harness/model/errors.ts';
import { EXIT_CODE } from '../../harness/model/state.ts';
import type { Interruption } from '../../harness/supervisor.ts';
import { print, printJson, say } from '../terminal.ts';

/** Lines of a service's log that are shown when it did not start. */
const LOG_LINES = 10;

/** A stack that came up: what `muster up --json` prints. */
export interface UpView {
  readonly runId: string;
  readonly target: string;
  readonly provider: string;
  /** Why this provider, and what it runs. */
  readonly reason: string;
  readonly startedAt: string;
  /** Time from the choice of the provider to the last service that got ready. */
  readonly readyMs: number;
  readonly services: readonly UpService[];
}

export interface UpService {
  readonly name: string;
  readonly kind: string;
  readonly url: string;
  /** With every right; the same as `url` for a service that is no store. */
  readonly adminUrl: string | null;
  readonly version: string | null;
  readonly readyMs: number | null;
  readonly pid: number | null;
  readonly container: string | null;
}

export interface UpFailure {
  readonly service: string;
  readonly reason: string;
  readonly logTail: readonly string[];
}

/** What the process that starts a stack tells, be it to a terminal or to the process that waits for it. */
export type UpMessage =
  | { readonly kind: 'progress'; readonly service: string; readonly text: string }
  | { readonly kind: 'up'; readonly view: UpView }
  /** Services of the target did not start: a finding about it. */
  | { readonly kind: 'failed'; readonly failures: readonly UpFailure[] }
  | { readonly kind: 'error'; readonly error: ErrorData };

/** Shows one message to a person, and with `--json` the result on stdout. */
export function showUp(message: UpMessage, { json }: { readonly json: boolean }): void {
  switch (message.kind) {
    case 'progress':
      return say(`${message.service}: ${message.text}`);
    case 'up':
      return json ? printJson(message.view) : showView(message.view);
    case 'failed':
      return showFailures(message.failures);
    case 'error':
      throw fromErrorData(message.error);
  }
}

/** What ended a start before the stack was up: a signal, or the end of what carries the services. */
export function cutShortError({ message, exitCode }: Interruption): MusterError {
  return new MusterError(`The start of the stack was cut short: ${message}.`, {
    code: 'MUSTER_UP_CUT_SHORT',
    blame: exitCode === EXIT_CODE.ENVIRONMENT ? 'environment' : 'interrupt',
    hint: 'Everything that had been started was put away; `muster up` starts anew.',
  });
}

function showView({ target, provider, reason, readyMs, services }: UpView): void {
  const width = Math.max(...services.map(({ name }) => name.length));
  for (const { name, url } of services) print(`${name.padEnd(width)}  ${url}`);
  say(`\nThe stack of ${target} is up after ${(readyMs / 1000).toFixed(1)} s, provider ${provider}: ${reason}.`);
  say('`muster logs` shows what it writes, `muster validate --reuse` runs the suites on it, `muster down` ends it.');
}

function showFailures(failures: readonly UpFailure[]): void {
  say('\nmuster: The stack did not come up; everything was stopped again.');
  for (const { service, reason, logTail } of failures) {
    say(`  ${service}: ${reason}`);
    for (const line of logTail.slice(-LOG_LINES)) say(`    | ${line}`);
  }
  say('  Mend the service that is named; `muster doctor` looks at this machine and the configuration.\n  [MUSTER_UP_FAILED]');
  process.exitCode = EXIT_CODE.NO_GO;
}
