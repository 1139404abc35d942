import type Docker from 'dockerode';
import { Demultiplex } from '../containers/demultiplex.ts';
import { sanitiseLine } from '../sanitise.ts';
import { Readable } from 'node:stream';

const LINES = 20;
const EXCERPT = 200;

/** What a container left behind that explains why others were not started. */
export interface Evidence {
  /** Clause about its healthcheck; null when there is none, or none has run yet. */
  readonly lastCheck: string | null;
  readonly logTail: readonly string[];
}

/** Never rejects: a container that is gone has nothing to say. */
export async function evidenceOf(container: Docker.Container, secrets: readonly string[]): Promise<Evidence> {
  try {
    const { State, Config } = await container.inspect();
    const check = State.Health?.Log.at(-1);
    const lastCheck = check === undefined ? null : `its last check exited with ${String(check.ExitCode)}${said(check.Output, secrets)}`;
    return { lastCheck, logTail: await lastLines(container, Config.Tty, secrets) };
  } catch {
    return { lastCheck: null, logTail: [] };
  }
}

function said(output: string, secrets: readonly string[]): string {
  const text = sanitiseLine(output.replace(/\s+/g, ' ').trim(), secrets).slice(0, EXCERPT);
  return text === '' ? '' : `: ${text}`;
}

async function lastLines(container: Docker.Container, tty: boolean, secrets: readonly string[]): Promise<string[]> {
  const raw = Readable.from([await container.logs({ stdout: true, stderr: true, tail: LINES })]);
  const chunks: Buffer[] = [];
  for await (const chunk of tty ? raw : raw.pipe(new Demultiplex())) chunks.push(Buffer.from(chunk as Buffer));
  const lines = Buffer.concat(chunks).toString('utf8').split(/\r?\n/);
  return lines.filter((line) => line !== '').map((line) => sanitiseLine(line, secrets));
}
