import { messageOf } from '../model/errors.ts';
import type { HttpService, Target } from '../model/target.ts';
import { engineAddress, isHere } from './containers/engine-address.ts';
import { whyAbsent } from './containers/engine-probe.ts';
import type { Provider, StartedEnvironment, StartOptions } from './provider.ts';

/**
 * Starts the target's stores and services in containers, in parallel as far as `dependsOn` allows. Dispose of the result. When it rejects,
 * everything is already cleaned up.
 * @throws MusterError (environment) when no engine answers, an image cannot be had or a store does not start; (config) for a placeholder or
 * a port that the target file has to name.
 * @throws the signal's reason when it aborts.
 */
export async function startContainers(options: StartOptions): Promise<StartedEnvironment> {
  // Only now: what speaks to the engine takes half a second to load.
  const { startInContainers } = await import('./containers/start.ts');
  return await startInContainers(options);
}

/** Never makes or pulls anything: every image has to be on the engine's host. */
export const suitsContainers: Provider['suits'] = async ({ target, env }) => {
  const without = withoutImage(target);
  if (without.length > 0) return { suits: false, reason: `no image or build is given for ${without.join(', ')}` };
  const address = engineAddress(env);
  if (!isHere(address)) return { suits: false, reason: `the engine at ${address} is on another host` };
  const absent = await whyAbsent(address);
  if (absent !== null) return { suits: false, reason: `no engine answers at ${address} (${absent})` };
  const missing = await imagesMissing(address, target);
  if (typeof missing === 'string') return { suits: false, reason: missing };
  if (missing.length > 0)
    return { suits: false, reason: `these images are not on the engine's host, and auto neither builds nor pulls: ${missing.join(', ')}` };
  return { suits: true, reason: `an engine answers at ${address} and has every image` };
};

/** A text is why it cannot be told: there are other providers. */
async function imagesMissing(address: string, target: Target): Promise<readonly string[] | string> {
  const { missingImages } = await import('./containers/suits.ts');
  try {
    return await missingImages(address, target);
  } catch (error) {
    return messageOf(error).replace(/\.$/, '');
  }
}

function withoutImage({ services }: Target): string[] {
  const http = services.filter((service): service is HttpService => service.kind === 'http');
  return http.filter(({ image, build }) => image === null && build === null).map(({ name }) => name);
}
