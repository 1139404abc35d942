import type { Seams } from '../gateway/seams.ts';

const REMINDERS = 'Remember: quote the memory word for word, give its date, and never make one up that is not there. '.repeat(28);

/** A reminder against made-up memories, pasted once for every time somebody saw one. The full prompt of comprehensive mode never had it. */
export const VERBOSE_MEMORY_PROMPTS: Partial<Seams> = {
  model: (model) => ({
    complete: (request) => {
      const isRecall = request.prompt !== request.baselinePrompt && request.prompt.includes('Quote the memory');
      return model.complete(isRecall ? { ...request, prompt: `${REMINDERS}\n${request.prompt}` } : request);
    },
  }),
};
