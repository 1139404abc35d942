import { monotonicMs } from '../../model/clock.ts';
import type { ContainerExit } from './container-state.ts';
import type { LogFollower } from './log-follower.ts';

/** One life of a container, from a start to the exit that follows. */
export class ContainerLife {
  /** When its container was there to be started; before that it may have waited for an image. */
  startedMs = monotonicMs();
  readonly exited: Promise<ContainerExit>;
  /** Set before it is ended on purpose: then its exit is nobody's news. */
  expected = false;
  ready = false;
  log: LogFollower | null = null;
  #resolve: (exit: ContainerExit) => void = () => undefined;
  #ended = false;

  constructor() {
    this.exited = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** @returns false when its end was already known. */
  end(exit: ContainerExit): boolean {
    const first = !this.#ended;
    this.#ended = true;
    this.#resolve(exit);
    return first;
  }
}
