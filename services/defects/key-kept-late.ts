import type { Seams } from '../gateway/seams.ts';
import type { Task } from '../gateway/tasks/task.ts';
import { ServiceError } from '../shared/service-error.ts';

/** Answers are kept for so many keys. */
const KEPT = 10_000;

/** Keeps the answer by its key when it is made: a second request that comes before that is done as well. */
export const KEY_KEPT_LATE: Partial<Seams> = {
  tasks: (tasks) => {
    const answers = new Map<string, Task>();
    return {
      ...tasks,
      create: async (wanted) => {
        if (wanted.idempotencyKey === null) return tasks.create(wanted);
        const key = `${wanted.workspaceId}/${wanted.idempotencyKey}`;
        const known = answers.get(key);
        if (known !== undefined && known.title !== wanted.title)
          throw new ServiceError('idempotency_conflict', 'the idempotency key was used for another task');
        if (known !== undefined) return { task: known, created: false };
        const made = await tasks.create({ ...wanted, idempotencyKey: null });
        if (answers.size < KEPT) answers.set(key, made.task);
        return made;
      },
    };
  },
};
