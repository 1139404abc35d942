import type Docker from 'dockerode';
import { isGone, refusalOf } from './engine-errors.ts';

/** It is already as it was asked to become. */
const ALREADY = 304;

/** Does what an engine refuses for a paused container, and lets it go on first when it is one. Harmless for one that has ended. */
export async function unpaused(container: Docker.Container, call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
  } catch (error) {
    const { status, text } = refusalOf(error);
    if (status === ALREADY || /is not running/i.test(text)) return;
    if (!/paused/i.test(text)) throw error;
    await container.unpause();
    await call();
  }
}

/** Starts a container that is there. Harmless for one that runs. */
export async function startExisting(container: Docker.Container): Promise<void> {
  try {
    await container.start();
  } catch (error) {
    if (refusalOf(error).status !== ALREADY) throw error;
  }
}

/** `gone`: it was removed. `unknown`: the engine does not say. */
export async function stateOf(container: Docker.Container): Promise<Docker.ContainerInspectInfo | 'gone' | 'unknown'> {
  try {
    return await container.inspect();
  } catch (error) {
    return isGone(error) ? 'gone' : 'unknown';
  }
}

/** Removes a container with its anonymous volumes, whatever state it is in. Harmless when it is gone, or already being removed. */
export async function removeContainer(container: Docker.Container): Promise<void> {
  try {
    await unpaused(container, () => container.remove({ force: true, v: true }));
  } catch (error) {
    if (!isGone(error) && !/already in progress/i.test(refusalOf(error).text)) throw error;
  }
}
