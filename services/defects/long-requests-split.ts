import type { Seams } from '../gateway/seams.ts';
import { askOften } from './ask-often.ts';

const LONG = 300;
const STEPS = 18;

/** A long request is split into steps, and every step is sent with all of the context. */
export const LONG_REQUESTS_SPLIT: Partial<Seams> = {
  model: (model) => ({
    complete: (request) => {
      const query = request.prompt.slice(request.prompt.lastIndexOf('\n') + 1);
      const isLong = request.prompt !== request.baselinePrompt && query.length > LONG;
      return isLong ? askOften(model, request, STEPS) : model.complete(request);
    },
  }),
};
