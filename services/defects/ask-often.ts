import type { Completion, CompletionRequest, Model } from '../gateway/patterns/model.ts';

/** Asks the model `times` times, gives out the first answer, and counts the tokens of all. */
export async function askOften(model: Model, request: CompletionRequest, times: number): Promise<Completion> {
  const all = await Promise.all(Array.from({ length: times }, () => model.complete(request)));
  const [first] = all;
  if (first === undefined) throw new Error('nothing was asked');
  const sum = (tokens: (completion: Completion) => number): number => all.reduce((total, completion) => total + tokens(completion), 0);
  return {
    text: first.text,
    promptTokens: sum(({ promptTokens }) => promptTokens),
    completionTokens: sum(({ completionTokens }) => completionTokens),
    baselinePromptTokens: sum(({ baselinePromptTokens }) => baselinePromptTokens),
  };
}
