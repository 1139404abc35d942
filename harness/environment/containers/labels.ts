/** On every container, network, volume and image that is made for a run; its value is the run id. */
export const RUN_LABEL = 'muster.run';
/** On images that are kept between runs (a prepared data directory, a build): its value says what they were made from. */
export const CACHE_LABEL = 'muster.cache';
/** What compose puts on everything of a project. */
export const COMPOSE_PROJECT_LABEL = 'com.docker.compose.project';

export function runLabels(runId: string): Readonly<Record<string, string>> {
  return { [RUN_LABEL]: runId };
}

/** The compose project of a run; compose allows lower-case letters, digits, `-` and `_`. */
export function composeProject(runId: string): string {
  return `muster-${runId.toLowerCase().replace(/[^a-z0-9_-]/g, '-')}`;
}

/** What is said of a run when its engine cannot be asked. */
export function mayBeLeft(address: string, runId: string, reason: string): string {
  return `the engine at ${address} does not answer (${reason}): containers, networks and volumes with the label ${RUN_LABEL}=${runId} may be left`;
}
