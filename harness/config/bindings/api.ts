import { z } from 'zod';
import type { ApiBindings } from '../../model/bindings/api.ts';
import { withoutUndefined, type Builders } from '../build-request.ts';
import { headerName, nonEmpty } from '../leaves.ts';
import { httpFields } from '../schema-request.ts';

const openapi = z.strictObject({
  ...httpFields,
  credentials: z.record(headerName, nonEmpty).optional(),
  leaveOut: z.array(nonEmpty).optional(),
});

/** The document of the interface itself. As they are written in a target file. */
export const API_FIELDS = { openapi: openapi.optional() };

/** The variables that a request of each binding is given, beside those that all are given. */
export const API_VARIABLES: Readonly<Record<keyof ApiBindings, readonly string[]>> = { openapi: ['agent', 'workspace', 'op'] };

interface User {
  readonly openapi?: z.infer<typeof openapi> | undefined;
}

/** In the model's form. */
export function buildApi(user: User, build: Builders): ApiBindings {
  return withoutUndefined({
    openapi: user.openapi && {
      http: build.fields(user.openapi),
      credentials: user.openapi.credentials ?? {},
      leaveOut: user.openapi.leaveOut ?? [],
    },
  });
}
