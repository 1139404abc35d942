import type { Core } from '../core.ts';
import type { Feature } from '../feature.ts';
import { createContexts } from './contexts.ts';
import { contextEndpoints } from './endpoints.ts';

/** What agents keep under a name, with every earlier version. */
export function contextsFeature(core: Core): Feature {
  const contexts = core.seams.contexts(createContexts(core), core);
  return { endpoints: contextEndpoints(contexts) };
}
