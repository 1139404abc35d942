import { createHash } from 'node:crypto';

const WORDS =
  'the service answers within its limit because every queue is bounded and each step is written down before it is acknowledged so that an operator can follow what was done check the figures and decide whether to go on wait or take the change back'.split(
    ' ',
  );

/** Text that depends on the prompt and on nothing else: the same question has the same answer, other questions have others. */
export function completionFor(prompt: string, words: number): string {
  const chosen: string[] = [];
  for (let block = 0; chosen.length < words; block++) {
    const digest = createHash('sha256').update(`${block}:${prompt}`).digest();
    for (const byte of digest) chosen.push(WORDS[byte % WORDS.length] ?? 'and');
  }
  return `${chosen.slice(0, words).join(' ')}.`;
}

/** From 5 to 15 ms, decided by the prompt. */
export function thinkingMs(prompt: string): number {
  return 5 + (createHash('sha256').update(prompt).digest().readUInt16BE(0) % 11);
}
