import type { MadeHere, SuiteRun } from '../../harness/index.ts';

/** Removes what a check has made past the target. What cannot be removed is told, and spoils nothing that was measured. */
export async function removed(run: Pick<SuiteRun, 'own'>, thing: MadeHere, remove: () => Promise<unknown>): Promise<void> {
  try {
    await remove();
    run.own.removed(thing);
  } catch (error) {
    run.own.note(`The ${thing.what} were not removed: ${error instanceof Error ? error.message : String(error)}.`);
  }
}
