import { afterAll } from 'vitest';
import { startBacking, startTestGateway, type Backing, type Gateway } from './stack.ts';

type End = () => Promise<void>;

/** What the test file has started: one file at a time has this module, and leaves it empty. */
const ends: End[] = [];

/**
 * Starts something for all tests of a file, where the file begins: `const backing = await forFile(startBacking, …)`. It is ended after
 * the last test, the newest first; when a start fails, at once, with all that was started before.
 */
export async function forFile<T>(start: () => Promise<T>, end: (started: T) => Promise<unknown>): Promise<T> {
  if (ends.length === 0) afterAll(endAll);
  try {
    const started = await start();
    ends.push(async () => void (await end(started)));
    return started;
  } catch (error) {
    await endAll();
    throw error;
  }
}

/** Stores, meter and workers for the tests of a file. */
export function backingForFile(defects: readonly string[] = []): Promise<Backing> {
  return forFile(
    () => startBacking(defects),
    (backing) => backing.dispose(),
  );
}

/** The same, and a gateway. @param env its settings besides its stores. */
export async function gatewayForFile(env: Readonly<Record<string, string>> = {}): Promise<{ backing: Backing; gateway: Gateway }> {
  const backing = await backingForFile();
  const gateway = await forFile(
    () => startTestGateway(backing, [], env),
    (started) => started.stop(),
  );
  return { backing, gateway };
}

/** Ends all, even when the end of one fails. @throws the first failure. */
async function endAll(): Promise<void> {
  const failures: unknown[] = [];
  for (const end of ends.splice(0).toReversed()) await end().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}
