import { MusterError } from '../model/errors.ts';
import { tellsFullDisk } from '../model/machine-errors.ts';

/** What was seen while waiting for a service that did not get ready. */
export interface NotReady {
  readonly attempts: number;
  /** The last answer or error, sanitised; null when not even one attempt ended. */
  readonly lastSeen: string | null;
  readonly waitedMs: number;
}

export interface ExitStatus {
  readonly code: number | null;
  readonly signal: string | null;
}

/** Why a service of the target did not start: a finding about the target, not an error. */
export interface StartFailure extends NotReady {
  /** A full sentence. */
  readonly reason: string;
  /** null while it still runs, or when it never did. */
  readonly exit: ExitStatus | null;
  readonly logTail: readonly string[];
}

export interface PortHolder {
  readonly pid: number;
  readonly name: string;
}

export class PortInUseError extends MusterError {
  constructor(service: string, port: number, holder: PortHolder | null) {
    const by = holder === null ? 'another process' : `${holder.name} (pid ${String(holder.pid)})`;
    super(`Cannot start "${service}": port ${String(port)} on 127.0.0.1 is already in use by ${by}.`, {
      code: 'MUSTER_PORT_IN_USE',
      blame: 'environment',
      hint: `Stop that process, or leave out services.${service}.port to let Muster choose a free port.`,
    });
    this.name = 'PortInUseError';
  }
}

/** A program that has to be on this machine is not. `looked` names the places in the order they were tried. */
export class MissingBinaryError extends MusterError {
  constructor(program: string, looked: readonly string[]) {
    super(`${program} was not found. Looked in: ${looked.join('; ')}.`, {
      code: 'MUSTER_BINARY_MISSING',
      blame: 'environment',
      hint: `${configured(looked)}Run \`./scripts/setup\` once on this machine.`,
    });
    this.name = 'MissingBinaryError';
  }
}

/** A store that Muster provides did not start; carries the last thing seen. */
export class StoreStartError extends MusterError {
  constructor(service: string, failure: StartFailure, hint: string) {
    const full = tellsFullDisk([failure.reason, ...failure.logTail].join('\n'));
    super(`"${service}" could not be started: ${failure.reason}${logText(failure.logTail)}`, {
      code: 'MUSTER_STORE_START',
      blame: 'environment',
      hint: full ? 'Free space on the disk that the log lines above are about.' : hint,
    });
    this.name = 'StoreStartError';
  }
}

/** A service did not come back when a fault was healed. */
export class RestartError extends MusterError {
  constructor(service: string, failure: StartFailure) {
    super(`"${service}" could not be started again: ${failure.reason}${logText(failure.logTail)}`, {
      code: 'MUSTER_RESTART',
      blame: 'environment',
      hint: 'Read the log lines above: the service must be able to start again on what it left behind.',
    });
    this.name = 'RestartError';
  }
}

/** A service is still there although it was stopped: the fault was not in force. */
export class NotStoppedError extends MusterError {
  constructor(service: string, seen: string) {
    super(`"${service}" was stopped, yet ${seen}.`, {
      code: 'MUSTER_NOT_STOPPED',
      blame: 'environment',
      hint: 'Check whether the service moves its listener to a process of another session, or another process took its port.',
    });
    this.name = 'NotStoppedError';
  }
}

/** What `failure` adds up to, as the tail of a sentence: attempts, time, last thing seen. */
export function describeWait({ attempts, waitedMs, lastSeen }: NotReady): string {
  const times = attempts === 1 ? 'once' : `${String(attempts)} times`;
  return `tried ${times} in ${String(Math.round(waitedMs))} ms${lastSeen === null ? '' : `, last seen: ${lastSeen}`}`;
}

/** A place somebody named keeps all others from being looked at. */
function configured(looked: readonly string[]): string {
  const variable = looked.flatMap((place) => /\((MUSTER_\w+)\)/.exec(place)?.[1] ?? [])[0];
  return variable === undefined ? '' : `Correct ${variable}, or unset it. `;
}

function logText(lines: readonly string[]): string {
  return lines.length === 0 ? '' : `\n${lines.map((line) => `  | ${line}`).join('\n')}`;
}
