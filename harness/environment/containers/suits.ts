import type { Target } from '../../model/target.ts';
import { engineAt } from './engine.ts';
import { builtTag, storeImages } from './image-names.ts';
import { isOnHost } from './images.ts';

/** An engine that has just said that it is there answers this at once; one that hangs must not keep the choice waiting. */
const ANSWER_MS = 5_000;

/** Images that a run would have to build or pull first. @throws MusterError (environment) when the engine does not say. */
export async function missingImages(address: string, target: Target): Promise<readonly string[]> {
  const engine = engineAt(address, { timeout: ANSWER_MS });
  const wanted = target.services.map((service) =>
    service.kind === 'http' ? [service.image ?? builtTag(target.name, service.name)] : storeImages(service),
  );
  const missing = await Promise.all(
    wanted.map(async (names) =>
      (await Promise.all(names.map((name) => isOnHost(engine, name)))).includes(true) ? [] : [names.join(' or ')],
    ),
  );
  return [...new Set(missing.flat())];
}
