import type { Answer } from '../../../harness/index.ts';

/** What a small server of a test answered, as a target's client tells it. @param broken What a status from 500 on means. */
export async function answerOf(response: Response, broken: Answer['outcome']): Promise<Answer> {
  const text = await response.text();
  return {
    status: response.status,
    json: text === '' ? undefined : JSON.parse(text),
    text,
    durationMs: 1,
    outcome: response.ok ? 'ok' : response.status < 500 ? 'rejected' : broken,
    error: null,
    headers: {},
  };
}
