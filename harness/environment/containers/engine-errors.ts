import { messageOf, MusterError } from '../../model/errors.ts';
import { sanitiseLine } from '../sanitise.ts';

/** What an engine said about a request it did not carry out. */
export interface EngineRefusal {
  /** HTTP status of its answer; null when there was none. */
  readonly status: number | null;
  /** Its own words, sanitised. */
  readonly text: string;
}

const WRAPPINGS = [/^\(HTTP code \d+\) [^-]*- /, /^Error response from daemon: /i];
const ADDRESSES = /could not find an available.*address pool|no available IPv4 addresses|all predefined address pools/i;
const DISK = /no space left on device/i;
const PORT = /port is already allocated|address already in use/i;
const UNREACHABLE = /ECONNREFUSED|ENOENT|ECONNRESET|EPIPE|EACCES|socket hang up|Cannot connect to the Docker daemon/;
/** Of the engine or its machine, whatever it was asked to run. */
const TROUBLE =
  /cgroup|systemd|dbus|seccomp|apparmor|resource temporarily unavailable|cannot allocate memory|too many open files|input\/output error|cannot connect to the docker daemon/i;
/** A limit of the target file that is too low even to start; the words around it name the control groups. */
const TOO_LITTLE_MEMORY = /OOM-killed|memory limit too low/i;

/** The engine's own words in what dockerode or testcontainers threw. */
export function refusalOf(error: unknown): EngineRefusal {
  const status = error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : null;
  const text = WRAPPINGS.reduce((rest, wrapping) => rest.replace(wrapping, ''), messageOf(error).replace(/\s+/g, ' ').trim());
  return { status, text: sanitiseLine(text, []) };
}

export function isGone(error: unknown): boolean {
  return refusalOf(error).status === 404;
}

export function isPortTaken(error: unknown): boolean {
  return PORT.test(refusalOf(error).text);
}

/** Whether nobody answered, as opposed to an answer that says no. */
export function isUnreachable(error: unknown): boolean {
  const { status, text } = refusalOf(error);
  return status === null && UNREACHABLE.test(text);
}

/** Whether its words tell of trouble of its own or of its machine, which no target causes. */
export function isEngineTrouble(error: unknown): boolean {
  const { text } = refusalOf(error);
  return DISK.test(text) || ADDRESSES.test(text) || (TROUBLE.test(text) && !TOO_LITTLE_MEMORY.test(text));
}

/** @param what completes "The container engine at … could not …": `start "gateway"`. */
export function engineError(error: unknown, what: string, address: string): MusterError {
  if (error instanceof MusterError) return error;
  const { text } = refusalOf(error);
  const [code, hint] = kindOf(text, error);
  return new MusterError(`The container engine at ${address} could not ${what}: ${withoutStop(text)}.`, {
    code,
    blame: 'environment',
    hint,
    cause: error,
  });
}

function kindOf(text: string, error: unknown): readonly [code: string, hint: string] {
  if (ADDRESSES.test(text)) {
    return ['MUSTER_ENGINE_ADDRESSES', 'Remove networks nobody uses (`docker network prune`), or give the engine more address pools.'];
  }
  if (DISK.test(text)) {
    return [
      'MUSTER_ENGINE_DISK',
      'Free space where the engine keeps its data: `docker system df` says what uses it, `docker system prune` frees it.',
    ];
  }
  if (isUnreachable(error)) return ['MUSTER_ENGINE_LOST', 'See why the engine went away, and start it again.'];
  return ['MUSTER_ENGINE', 'Read what the engine said; `docker info` shows whether it is well.'];
}

/** No engine answers at all. @param reason the error's code: `ENOENT`, `ECONNREFUSED`. */
export function engineAbsent(address: string, reason: string): MusterError {
  return new MusterError(`No container engine answers at ${address} (${reason}).`, {
    code: 'MUSTER_ENGINE_ABSENT',
    blame: 'environment',
    hint: 'Start the engine, set DOCKER_HOST to where it is, or choose --provider local.',
  });
}

/**
 * Why a container could not be started, when that is the image's or the target's doing: a full sentence. null for anything else.
 */
export function refusedCommand(error: unknown): string | null {
  const { text } = refusalOf(error);
  const missing = /exec: "([^"]*)": (?:executable file not found|stat [^:]*: no such file)/.exec(text)?.[1];
  if (missing !== undefined) return `Its command "${missing}" is not in its image.`;
  const denied = /exec: "([^"]*)": permission denied/.exec(text)?.[1];
  if (denied !== undefined) return `Its command "${denied}" may not be executed in its image (permission denied).`;
  if (/OCI runtime create failed|failed to create shim/i.test(text) && !isEngineTrouble(error)) {
    return `Its container could not be started: ${withoutStop(text)}.`;
  }
  if (/No command specified/i.test(text)) return 'Its image has no command, and containerCommand gives none.';
  return null;
}

/** The same, when only the init process inside of the container noticed, in its log. */
export function missedCommand(logTail: readonly string[]): string | null {
  const [, command, why] = logTail.flatMap((line) => /\bexec (.+) failed: (No such file or directory|Permission denied)$/.exec(line) ?? []);
  if (command === undefined) return null;
  if (why === 'Permission denied') return `Its command "${command}" may not be executed in its image (permission denied).`;
  return `Its command "${command}" is not in its image.`;
}

function withoutStop(text: string): string {
  return text.replace(/\.$/, '');
}
