import type { RunningService } from '../harness/model/environment.ts';
import { openSession } from '../harness/supervisor.ts';
import { prepare } from '../scripts/commands/options.ts';

/** Starts the reference services and their stores for `use`, and ends them after it. @throws Error when one of them does not start. */
export async function withReferenceStack<T>(use: (services: ReadonlyMap<string, RunningService>) => Promise<T>): Promise<T> {
  const { plan } = await prepare({ color: false });
  const session = await openSession({ plan, env: process.env, onProgress: () => undefined, onSwept: () => undefined });
  let environment: Awaited<ReturnType<typeof session.start>> | null = null;
  try {
    environment = await session.start(new AbortController().signal, (reason) => {
      throw new Error(reason);
    });
    const [failed] = environment.startFailures.keys();
    if (failed !== undefined) throw new Error(`${failed} did not start`);
    return await use(environment.services);
  } finally {
    await environment?.[Symbol.asyncDispose]();
    await session.close(environment);
  }
}
