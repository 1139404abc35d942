import { MusterError } from '../model/errors.ts';
import { startCompose, suitsCompose } from './compose.ts';
import { startContainers, suitsContainers } from './containers.ts';
import { requireSpace, spaceNeeded } from './disk-space.ts';
import { startExternal, suitsExternal } from './external.ts';
import { startLocal, suitsLocal } from './local.ts';
import type { Provider, ProviderName, StartedEnvironment, StartOptions } from './provider.ts';

/** Every way in which an environment comes to life. */
export const PROVIDERS: Readonly<Record<ProviderName, Provider>> = {
  containers: { suits: suitsContainers, start: startContainers },
  local: { suits: suitsLocal, start: startLocal },
  compose: { suits: suitsCompose, start: startCompose },
  external: { suits: suitsExternal, start: startExternal },
};

/** What `auto` considers, the most isolated first; compose and external are taken only when they are asked for. */
const AUTO: readonly ProviderName[] = ['containers', 'local'];

export interface Choice {
  readonly name: ProviderName;
  /** Why, for the report: a clause. */
  readonly reason: string;
}

/**
 * The provider of a run: the one that was asked for, or the first that suits target and machine.
 * @throws MusterError (environment) when `auto` finds none; it says why of each.
 */
export async function chooseProvider(asked: ProviderName | 'auto', options: Pick<StartOptions, 'target' | 'env'>): Promise<Choice> {
  if (asked !== 'auto') return { name: asked, reason: 'asked for' };
  const passed: string[] = [];
  for (const name of AUTO) {
    const { suits, reason } = await PROVIDERS[name].suits(options);
    if (suits) return { name, reason: `chosen by auto because ${[reason, ...passed].join('; ')}` };
    passed.push(`not ${name}: ${reason}`);
  }
  throw new MusterError(`No provider suits this target on this machine: ${passed.join('; ')}.`, {
    code: 'MUSTER_NO_PROVIDER',
    blame: 'environment',
    hint: 'Mend one of these, or name a provider: `--provider containers` builds and pulls what is missing.',
  });
}

/** Starts the environment with the provider that was chosen; its reason says why this one and what it runs. */
export async function startEnvironment({ name, reason }: Choice, options: StartOptions): Promise<StartedEnvironment> {
  await requireSpace(options.runDir, spaceNeeded(name, options.target.services));
  const environment = await PROVIDERS[name].start(options);
  options.onProgress(`${name}, ${reason}`, 'provider');
  return environment;
}
