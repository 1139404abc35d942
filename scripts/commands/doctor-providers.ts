import { messageOf, MusterError } from '../../harness/model/errors.ts';
import type { RunPlan } from '../../harness/model/plan.ts';
import { chooseProvider, describeProviders, type EngineDescription, type ProviderDescription } from '../../harness/supervisor.ts';
import type { Finding } from './doctor-finding.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** What a provider that does not suit wants. */
const FIX: Readonly<Record<string, string>> = {
  local: 'Write services.<name>.command.',
  containers: 'Give every service an `image` or a `build`, have the images on the host, and start an engine.',
  compose: 'Write compose: { file: … } in the target file, and provide an engine with compose v2.',
  external: 'Write services.<name>.url of every service.',
};

/** The container engine and compose: needed by two of the providers only. */
export function engineFindings({ engine, compose }: EngineDescription): readonly Finding[] {
  return [
    asFinding(engine, 'Start an engine or set DOCKER_HOST; without one the providers containers and compose cannot be used.'),
    asFinding(compose, 'Install the compose plugin of the engine; without it the provider compose cannot be used.'),
  ];
}

function asFinding({ found, text }: { readonly found: boolean; readonly text: string }, fix: string): Finding {
  return { area: 'machine', level: found ? 'ok' : 'note', text, fix: found ? null : fix };
}

/** Whether each provider suits this target on this machine, and which one a run would take. */
export async function providerFindings(plan: RunPlan, sight: EngineDescription, env: Env): Promise<readonly Finding[]> {
  const options = { target: plan.target, env };
  const [providers, choice] = await Promise.all([describeProviders(options), choiceOf(plan, options)]);
  const findings = providers.map((provider) => suitFinding(provider, plan.provider, sight));
  const impossible = findings.some(({ level }) => level === 'problem');
  return [...findings, ...lackingEngine(plan.provider, sight), ...(impossible ? [] : [choice])];
}

/** Whether compose suits a target is said of the target alone; it takes an engine and compose, too. */
function onThisMachine(provider: ProviderDescription, { engine, compose }: EngineDescription): ProviderDescription {
  const lacking = [engine, compose].find(({ found }) => !found);
  if (provider.name !== 'compose' || !provider.suits || lacking === undefined) return provider;
  return { ...provider, suits: false, reason: `${provider.reason}, but ${lacking.text.replace(/\.$/, '')}` };
}

/** Containers that were asked for are tried all the same: an image that is not there may be pulled or built. */
function suitFinding(provider: ProviderDescription, asked: string, sight: EngineDescription): Finding {
  const { name, suits, reason } = onThisMachine(provider, sight);
  if (suits) return { area: 'provider', level: 'ok', text: `${name} suits: ${reason}`, fix: null };
  const impossible = name !== 'containers' && !provider.suits;
  const level = name !== asked ? 'note' : impossible ? 'problem' : 'warning';
  return { area: 'provider', level, text: `${name} does not suit: ${reason}`, fix: FIX[name] ?? null };
}

/** What a provider that was asked for cannot do without. */
function lackingEngine(asked: string, { engine, compose }: EngineDescription): readonly Finding[] {
  const needed = asked === 'containers' ? [engine] : asked === 'compose' ? [engine, compose] : [];
  return needed
    .filter(({ found }) => !found)
    .map(({ text }) => ({
      area: 'machine',
      level: 'problem',
      text: `${asked} was asked for: ${text}`,
      fix: 'Provide it, or choose another --provider.',
    }));
}

async function choiceOf(plan: RunPlan, options: Parameters<typeof chooseProvider>[1]): Promise<Finding> {
  try {
    const { name, reason } = await chooseProvider(plan.provider, options);
    return { area: 'provider', level: 'ok', text: `a run takes ${name}: ${reason}`, fix: null };
  } catch (error) {
    return { area: 'machine', level: 'problem', text: messageOf(error), fix: error instanceof MusterError ? error.hint : null };
  }
}
