import { messageOf } from '../model/errors.ts';
import type { Env } from './binaries.ts';
import { engineAddress } from './containers/engine-address.ts';
import { whyAbsent } from './containers/engine-probe.ts';
import { PROVIDERS } from './providers.ts';
import type { ProviderName, StartOptions } from './provider.ts';

const ANSWER_MS = 2_000;

export interface ProviderDescription {
  readonly name: ProviderName;
  readonly suits: boolean;
  /** A clause. */
  readonly reason: string;
}

/** What every provider says about this target on this machine. Makes, pulls and starts nothing. */
export async function describeProviders(options: Pick<StartOptions, 'target' | 'env'>): Promise<readonly ProviderDescription[]> {
  const names = Object.keys(PROVIDERS) as ProviderName[];
  return Promise.all(names.map(async (name) => ({ name, ...(await PROVIDERS[name].suits(options)) })));
}

interface Sight {
  readonly found: boolean;
  readonly text: string;
}

export interface EngineDescription {
  readonly engine: Sight;
  readonly compose: Sight;
}

/** Looks for a container engine and for compose; never rejects for one that is not there. */
export async function describeEngine(env: Env): Promise<EngineDescription> {
  const [engine, compose] = await Promise.all([engineSight(env), composeSight(env)]);
  return { engine, compose };
}

async function engineSight(env: Env): Promise<Sight> {
  try {
    const address = engineAddress(env);
    const absent = await whyAbsent(address);
    if (absent !== null) return { found: false, text: `no container engine answers at ${address} (${absent})` };
    const { engineAt } = await import('./containers/engine.ts'); // takes a while to load
    const { Version: version } = await engineAt(address, { timeout: ANSWER_MS }).docker.version();
    return { found: true, text: `container engine ${version} at ${address}` };
  } catch (error) {
    return { found: false, text: messageOf(error) };
  }
}

async function composeSight(env: Env): Promise<Sight> {
  try {
    const { findCompose } = await import('./compose/cli.ts');
    const { version, program } = await findCompose(env);
    return { found: true, text: `compose ${version} (${program.join(' ')})` };
  } catch (error) {
    return { found: false, text: messageOf(error) };
  }
}
