import type { Incapacities } from '../../model/environment.ts';
import type { ComposeService } from './config.ts';

interface Config {
  readonly services: ReadonlyMap<string, Pick<ComposeService, 'name' | 'dependsOn'>>;
}

/**
 * The project has containers that nobody reads. What others wait for until it has completed is over when the run begins, and not among them.
 * @param declared Names in the compose file of the services of the target file.
 */
export function unseenServices({ services }: Config, declared: ReadonlySet<string>): Incapacities {
  const waits = [...services.values()].flatMap(({ dependsOn }) => dependsOn);
  const isOver = (name: string): boolean =>
    waits.some(({ service, condition }) => service === name && condition === 'service_completed_successfully');
  const names = [...services.keys()].filter((name) => !declared.has(name) && !isOver(name));
  if (names.length === 0) return {};
  const list = names.map((name) => `"${name}"`).join(', ');
  return { processes: `The compose file also starts ${list}, which the target file does not declare: what they use is not read.` };
}
