import type { WorkBindings } from '../../model/bindings/work.ts';
import type { Builders } from '../build-request.ts';

/** What is handed out and done: tasks, workflows, operations that wait for a person. As they are written in a target file. */
export const WORK_FIELDS = {};

/** The variables that a request of each binding is given, beside those that all are given. */
export const WORK_VARIABLES: Readonly<Record<keyof WorkBindings, readonly string[]>> = {};

type User = Readonly<Record<keyof WorkBindings, undefined>>;

/** In the model's form. */
export function buildWork(_user: User, _build: Builders): WorkBindings {
  return {};
}
