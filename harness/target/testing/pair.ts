import type { Bindings } from '../../model/target.ts';
import { createTargetClient, type TargetClient } from '../client.ts';
import { type Loopback, type LoopbackHandlers, startLoopback, targetWith } from './loopback.ts';

const open: AsyncDisposable[] = [];

/** Ends what the test has started, the newest first. */
export async function endPairs(): Promise<void> {
  for (const one of open.splice(0).toReversed()) await one[Symbol.asyncDispose]();
}

export function closedLater<T extends AsyncDisposable>(one: T): T {
  open.push(one);
  return one;
}

/** A server that answers as it is told, and a client of a target with these bindings. */
export async function pair(
  bindings: Bindings,
  http: LoopbackHandlers['http'] = () => undefined,
): Promise<{ readonly server: Loopback; readonly client: TargetClient }> {
  const server = closedLater(await startLoopback({ http }));
  return { server, client: closedLater(createTargetClient({ target: targetWith(bindings), urls: { api: server.url }, timeoutMs: 5000 })) };
}
