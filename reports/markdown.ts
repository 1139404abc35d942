import { byteLength, clip, excerpt, oneLine } from './text.ts';

/**
 * Text for GitHub-flavoured Markdown on one line: nothing in it can open a tag, link, table cell or code, or mention
 * somebody. The zero-width space after `@` and within `://` keeps them visible and dead.
 */
export function markdownText(text: string): string {
  return oneLine(text)
    .replace(/[\\`*{}[\]|#~$^]|(?<!\w)_|_(?!\w)/gu, String.raw`\$&`)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/@(?=\w)/gu, '@\u200b')
    .replaceAll('://', ':\u200b//');
}

/** Inline code fenced with more backticks than it holds. Not for table cells: `|` ends them even inside code. */
export function codeSpan(text: string): string {
  const content = oneLine(text);
  const longest = Math.max(0, ...[...content.matchAll(/`+/gu)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = content === '' || /^[` ]|[` ]$/u.test(content) ? ' ' : '';
  return `${fence}${pad}${content}${pad}${fence}`;
}

/** `markdownText` of as much of `text` as fits into `maxBytes`, with an ellipsis when it was cut. */
export function markdownWithin(text: string, maxBytes: number): string {
  const source = excerpt(text, maxBytes);
  let length = Math.min(source.length, maxBytes);
  for (;;) {
    const escaped = markdownText(clip(source, length));
    if (byteLength(escaped) <= maxBytes || length === 0) return escaped;
    length = Math.floor(length * 0.9);
  }
}
