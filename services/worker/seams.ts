import type { Role } from './role.ts';

/** Places in a worker where a part can be wrapped or replaced: by a test, or by a planted defect. */
export interface WorkerSeams {
  /** @param name value of ROLE. */
  role(part: Role, name: string): Role | Promise<Role>;
}

/** Every part as it is. */
export const WORKER_AS_IS: WorkerSeams = { role: (part) => part };
