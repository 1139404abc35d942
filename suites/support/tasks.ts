import { randomUUID } from 'node:crypto';
import { NotMeasured, textIn, type Answer, type SuiteRun } from '../../harness/index.ts';
import { saidBy } from './work-end.ts';

/** Longest time one request about a task may take. */
const PATIENCE_MS = 10_000;

export interface TaskDesk {
  /** A worker that may take the tasks of the workspace. Throws NotMeasured when none can be made. */
  hire(): Promise<string>;
  /** A new task. Throws NotMeasured when none can be made: there is nothing to hand out. */
  make(): Promise<string>;
  claim(worker: string): Promise<Claim>;
  /** Begins where that is a step of its own, then completes or fails; the answer that was not good, or the last one. */
  end(how: 'complete' | 'fail', worker: string, id: string): Promise<Answer>;
  /** null: it could not be read. */
  stateOf(id: string): Promise<string | null>;
}

export interface Claim {
  readonly worker: string;
  /** null: there was nothing to do. */
  readonly id: string | null;
  /** Whether the answer says that definitely; what was not answered may have been handed out. */
  readonly known: boolean;
  readonly atMs: number;
  readonly answer: Answer;
}

/** Everything that is done with tasks of one workspace. */
export function taskDesk(run: SuiteRun, workspace: string): TaskDesk {
  const binding = run.target.requireBinding('tasks');
  const send = (
    template: Parameters<typeof run.target.request>[0],
    variables: Readonly<Record<string, string | number>>,
  ): Promise<Answer> =>
    run.target.request(template, { workspace, op: randomUUID(), ...variables }, { timeoutMs: PATIENCE_MS, signal: run.signal });
  const made = async (what: 'worker' | 'task', { http, id }: typeof binding.create): Promise<string> => {
    const name = `muster-${what}-${randomUUID().slice(0, 8)}`;
    const answer = await send(http, { name, retries: binding.retries });
    const found = answer.outcome === 'ok' ? textIn(id, answer.json) : null;
    if (found === null)
      throw new NotMeasured(`no ${what} could be made: ${saidBy(answer)}, and \`tasks.${what === 'task' ? 'create' : what}\` found no id`);
    return found;
  };
  return {
    hire: async () => (binding.worker === undefined ? `muster-${randomUUID().slice(0, 8)}` : made('worker', binding.worker)),
    make: () => made('task', binding.create),
    claim: async (worker) => {
      const answer = await send(binding.claim.http, { worker });
      const id = answer.outcome === 'ok' ? textIn(binding.claim.id, answer.json) : null;
      // Some say 404 or 409 when there is nothing to do; who may not ask learns nothing of it.
      const known = answer.outcome === 'ok' || (answer.outcome === 'rejected' && answer.status !== 401 && answer.status !== 403);
      return { worker, id, known, atMs: run.now(), answer };
    },
    end: async (how, worker, id) => {
      const begun = binding.begin === undefined ? null : await send(binding.begin, { worker, id });
      if (begun !== null && begun.outcome !== 'ok') return begun;
      return send(binding[how], { worker, id });
    },
    stateOf: async (id) => {
      const answer = await send(binding.read.http, { id });
      return answer.outcome === 'ok' ? textIn(binding.read.state, answer.json) : null;
    },
  };
}
