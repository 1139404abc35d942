import type Docker from 'dockerode';
import { Demultiplex } from '../containers/demultiplex.ts';

const LIMIT_MS = 3_000;

/**
 * Standard output of a short program run inside a container. null when it is not there, fails, or takes longer than three seconds:
 * then nothing is known, which is no error.
 */
export async function outputInside(
  container: Docker.Container,
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string | null> {
  try {
    const Env = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const exec = await container.exec({ Cmd: [...command], Env, AttachStdout: true, AttachStderr: false });
    const stream = await exec.start({ abortSignal: AbortSignal.timeout(LIMIT_MS) });
    const timer = setTimeout(() => stream.destroy(new Error('it took too long')), LIMIT_MS);
    const chunks: Buffer[] = [];
    for await (const chunk of stream.pipe(new Demultiplex())) chunks.push(chunk as Buffer);
    clearTimeout(timer);
    const { ExitCode } = await exec.inspect();
    return ExitCode === 0 ? Buffer.concat(chunks).toString('utf8') : null;
  } catch {
    return null; // no such program there, or the container has just ended
  }
}
