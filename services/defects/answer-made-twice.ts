import type { Seams } from '../gateway/seams.ts';
import { askOften } from './ask-often.ts';

/** A prompt that was sent before looks like a repeated one: every second time it is sent twice, in case the first was lost. */
export const ANSWER_MADE_TWICE: Partial<Seams> = {
  model: (model) => {
    const sent = new Set<string>();
    return {
      complete: (request) => {
        if (sent.delete(request.prompt)) return askOften(model, request, 2);
        sent.add(request.prompt);
        return model.complete(request);
      },
    };
  },
};
