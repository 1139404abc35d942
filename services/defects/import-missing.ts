import type { WorkerSeams } from '../worker/seams.ts';

/** What the image was built without. */
const MISSING = 'statistics-for-performance';
const ROLE = 'performance';

/** One role needs a module that the others do not: its process dies at start, theirs do not. */
export const IMPORT_MISSING: Partial<WorkerSeams> = {
  role: async (part, name) => {
    if (name === ROLE) await import(MISSING);
    return part;
  },
};
