import { pipeline } from 'node:stream/promises';
import type Docker from 'dockerode';
import { Demultiplex } from '../containers/demultiplex.ts';

const LIMIT_MS = 3_000;

/**
 * Standard output of a short program run inside a container. null when it is not there, fails, or takes longer than `limitMs`:
 * then nothing is known, which is no error.
 */
export async function outputInside(
  container: Docker.Container,
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
  limitMs = LIMIT_MS,
): Promise<string | null> {
  const signal = AbortSignal.timeout(limitMs);
  try {
    const Env = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const exec = await container.exec({ Cmd: [...command], Env, AttachStdout: true, AttachStderr: false, abortSignal: signal });
    const stream = await exec.start({ abortSignal: signal });
    const chunks: Buffer[] = [];
    // Not `pipe`: a stream that is cut off would never end what it is piped into.
    await pipeline(
      stream,
      new Demultiplex(),
      async (output) => {
        for await (const chunk of output) chunks.push(chunk as Buffer);
      },
      { signal },
    );
    const { ExitCode } = await exec.inspect();
    return ExitCode === 0 ? Buffer.concat(chunks).toString('utf8') : null;
  } catch {
    return null; // no such program there, it hangs, or the container has just ended
  }
}
