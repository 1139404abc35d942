import { z } from 'zod';
import type { TasksBinding, WorkBindings, WorkflowBinding } from '../../model/bindings/work.ts';
import { type Builders, withoutUndefined } from '../build-request.ts';
import { checked } from '../checked.ts';
import { duration, expression, nonEmpty } from '../leaves.ts';
import { readDuration } from '../quantities.ts';
import { httpFields, request } from '../schema-request.ts';

const states = z.array(nonEmpty).min(1);
const identified = z.strictObject({ ...httpFields, id: expression });

const tasks = z.strictObject({
  worker: identified.optional(),
  create: identified,
  claim: identified,
  begin: request.optional(),
  complete: request,
  fail: request,
  read: z.strictObject({ ...httpFields, state: expression }),
  waiting: states,
  done: states,
  dead: states,
  retries: z.int().min(0).max(20),
  backOff: duration.optional(),
});

const workflow = z.strictObject({
  create: request,
  poll: request,
  id: expression,
  state: expression,
  end: states,
  success: states,
  kinds: states.optional(),
  cyclic: request.optional(),
  failing: request.optional(),
});

/** What is handed out and done: tasks, workflows. As they are written in a target file. */
export const WORK_FIELDS = { tasks: tasks.optional(), workflow: workflow.optional() };

const COMMON = ['agent', 'workspace', 'op'];

/** The variables that a request of each binding is given, beside those that all are given. */
export const WORK_VARIABLES: Readonly<Record<keyof WorkBindings, readonly string[]>> = {
  tasks: ['name', 'retries', 'worker', 'id', ...COMMON],
  workflow: ['name', 'kind', 'id', ...COMMON],
};

interface User {
  readonly tasks?: z.infer<typeof tasks> | undefined;
  readonly workflow?: z.infer<typeof workflow> | undefined;
}

/** In the model's form. */
export function buildWork(user: User, build: Builders): WorkBindings {
  return withoutUndefined({
    tasks: user.tasks && tasksOf(user.tasks, build),
    workflow: user.workflow && workflowOf(user.workflow, build),
  });
}

function tasksOf(user: z.infer<typeof tasks>, build: Builders): TasksBinding {
  const { worker, create, claim, begin, read, backOff } = user;
  return withoutUndefined({
    worker: worker && { http: build.fields(worker), id: worker.id },
    create: { http: build.fields(create), id: create.id },
    claim: { http: build.fields(claim), id: claim.id },
    begin: build.optional(begin),
    complete: build.request(user.complete),
    fail: build.request(user.fail),
    read: { http: build.fields(read), state: read.state },
    waiting: user.waiting,
    done: user.done,
    dead: user.dead,
    retries: user.retries,
    backOffMs: backOff === undefined ? 0 : checked(readDuration(backOff)),
  });
}

function workflowOf(user: z.infer<typeof workflow>, build: Builders): WorkflowBinding {
  return withoutUndefined({
    create: build.request(user.create),
    poll: build.request(user.poll),
    id: user.id,
    state: user.state,
    end: user.end,
    success: user.success,
    kinds: user.kinds ?? ['default'],
    cyclic: build.optional(user.cyclic),
    failing: build.optional(user.failing),
  });
}
