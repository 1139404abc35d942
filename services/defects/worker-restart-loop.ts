import type { WorkerSeams } from '../worker/seams.ts';

const ROLE = 'sunbiz';
/** Long enough to be ready before, and so short that nobody who looks at the process for a moment misses it. */
const AFTER_MS = 1000;

/** A job that starts with the process throws a little later, where nobody catches it; started again, it does so again. */
export const WORKER_RESTART_LOOP: Partial<WorkerSeams> = {
  role: (part, name) => {
    if (name === ROLE) setTimeout(refreshList, AFTER_MS);
    return part;
  },
};

function refreshList(): never {
  throw new Error('the list of companies cannot be refreshed: its folder is not there');
}
