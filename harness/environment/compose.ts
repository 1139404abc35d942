import type { Provider, StartedEnvironment, StartOptions } from './provider.ts';

/** `auto` never takes it: whoever wants the whole file asks for it. */
export const suitsCompose: Provider['suits'] = ({ target }) => {
  const suits = target.compose !== null;
  return Promise.resolve({ suits, reason: suits ? 'the target names a compose file' : 'the target names no compose file' });
};

/**
 * Starts the target's compose file as a project of the run: every container in it, with addresses, names and volumes of its own.
 * Dispose of the result. When it rejects, everything is already cleaned up.
 * @throws MusterError (environment) without an engine or compose v2, for an image that cannot be had or a store that does not start;
 * (config) for a file or a target that do not fit each other.
 * @throws the signal's reason when it aborts.
 */
export async function startCompose(options: StartOptions): Promise<StartedEnvironment> {
  // Only now: what speaks to the engine takes half a second to load.
  const { startStack } = await import('./compose/start.ts');
  return await startStack(options);
}
