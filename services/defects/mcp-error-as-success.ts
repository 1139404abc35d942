import type { Seams } from '../gateway/seams.ts';

/** What went wrong is in the text of the result; nothing says that it is an error. */
export const MCP_ERROR_AS_SUCCESS: Partial<Seams> = {
  toolResults: (results) => ({ ...results, failure: (error) => ({ ...results.failure(error), isError: false }) }),
};
