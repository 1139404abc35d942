import { sanitiseLine } from '../sanitise.ts';

const SHOWN_LINES = 20;

/** What compose said, line by line, without the words that only tell of its progress; sanitised. */
export function linesOf(output: string, secrets: readonly string[]): readonly string[] {
  const lines = output.split(/\r?\n|\r/).map((line) => sanitiseLine(line, secrets).trimEnd());
  return lines
    .filter((line) => line.trim() !== '' && !/level=warning|^ (?:Container|Network|Volume) \S+ {2}/.test(line))
    .slice(-SHOWN_LINES);
}

/** Its last word: why it failed. */
export function lastWord(output: string, secrets: readonly string[]): string {
  return (linesOf(output, secrets).at(-1) ?? 'it did not say why').replace(/^Error response from daemon: /i, '').replace(/\.$/, '');
}

/** Lines below a sentence. */
export function quoted(lines: readonly string[]): string {
  return lines.map((line) => `\n  | ${line}`).join('');
}
