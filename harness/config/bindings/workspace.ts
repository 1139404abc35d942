import { z } from 'zod';
import type { WorkspaceBindings } from '../../model/bindings/workspace.ts';
import { type Builders, withoutUndefined } from '../build-request.ts';
import { nonEmpty } from '../leaves.ts';
import { request } from '../schema-request.ts';

const workspace = z.strictObject({ remove: request.optional(), erase: z.array(nonEmpty).min(1).optional() });

/** How what a run made is removed. As it is written in a target file. */
export const WORKSPACE_FIELDS = { workspace: workspace.optional() };

/** The variables that a request of each binding is given, beside those that all are given. */
export const WORKSPACE_VARIABLES: Readonly<Record<keyof WorkspaceBindings, readonly string[]>> = {
  workspace: ['workspace', 'agent', 'op'],
};

interface User {
  readonly workspace?: z.infer<typeof workspace> | undefined;
}

/** In the model's form. */
export function buildWorkspace({ workspace: user }: User, build: Builders): WorkspaceBindings {
  return withoutUndefined({
    workspace: user && withoutUndefined({ remove: build.optional(user.remove), erase: user.erase }),
  });
}
