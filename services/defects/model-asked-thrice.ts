import type { Seams } from '../gateway/seams.ts';
import { askOften } from './ask-often.ts';

/** Three answers to choose from; the first one is taken. */
export const MODEL_ASKED_THRICE: Partial<Seams> = {
  model: (model) => ({ complete: (request) => askOften(model, request, 3) }),
};
