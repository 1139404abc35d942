import { createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type Docker from 'dockerode';
import type { LogFile } from '../log-file.ts';
import { Demultiplex } from './demultiplex.ts';

/** Copies what one container writes, from one start of it on, into a log file. */
export interface LogFollower {
  /** Resolves when everything is copied: the container has ended, or the engine has. Never rejects. */
  readonly ended: Promise<void>;
  /** Stops copying. Harmless twice. */
  close(): void;
}

/**
 * @param since when the container was started, as the engine says it (`State.StartedAt`): only what was written from then on is copied; empty: everything.
 * @throws what dockerode throws when the engine does not answer or the container is gone.
 */
export async function followLog(
  container: Docker.Container,
  log: LogFile,
  { since, tty }: { readonly since: string; readonly tty: boolean },
): Promise<LogFollower> {
  const source = (await container.logs({
    follow: true,
    stdout: true,
    stderr: true,
    // Typed as a number, which has no room for nanoseconds; the engine takes text.
    since: engineTime(since) as unknown as number,
  })) as unknown as Readable;
  const file = createWriteStream(log.path, { flags: 'a', mode: 0o600 });
  const copied = tty ? pipeline(source, file) : pipeline(source, new Demultiplex(), file);
  return {
    // Cut off by the end of the container, of the engine, or by `close`: what was copied stays.
    ended: copied.catch(() => undefined),
    close() {
      source.destroy();
    },
  };
}

/** `seconds.nanoseconds` of a time as the engine writes it (RFC 3339 with nanoseconds); `0` when it is none. */
export function engineTime(text: string): string {
  const ms = Date.parse(text);
  if (Number.isNaN(ms) || ms < 0) return '0';
  const fraction = /\.(\d{1,9})/.exec(text)?.[1] ?? '';
  return `${String(Math.floor(ms / 1000))}.${fraction.padEnd(9, '0')}`;
}
