import type { Seams } from '../gateway/seams.ts';
import { ServiceError } from '../shared/service-error.ts';
import { withEndpoint } from './with-endpoint.ts';

/** The text of a body is parsed as if it always were JSON; what is thrown then is nobody's to catch. */
export const BODY_PARSED_UNGUARDED: Partial<Seams> = withEndpoint('post', '/api/v1/delegations', (row) => ({
  ...row,
  run: async (context, actor) => {
    try {
      return await row.run(context, actor);
    } catch (error) {
      if (error instanceof ServiceError && error.code === 'malformed_body') throw new SyntaxError(error.message, { cause: error });
      throw error;
    }
  },
}));
