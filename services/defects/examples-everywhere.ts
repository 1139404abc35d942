import type { Seams } from '../gateway/seams.ts';

const SHORT = 800;
const EXAMPLES = 'Question: is the queue of the north site well? Answer: it is well, as the depth of three minutes shows. '.repeat(105);

/** Worked examples go before every short prompt that was compressed with so much care. */
export const EXAMPLES_EVERYWHERE: Partial<Seams> = {
  model: (model) => ({
    complete: (request) => {
      const isShort = request.prompt !== request.baselinePrompt && request.prompt.length < SHORT;
      return model.complete(isShort ? { ...request, prompt: `${EXAMPLES}\n${request.prompt}` } : request);
    },
  }),
};
