import { sanitise } from '../text.ts';

/** HTML or SVG that is safe to put into a page; only `html` makes it. */
export class Markup {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

export type Content = Markup | string | number | null | readonly Content[];

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;', '`': '&#96;' };

/** For text and for quoted attribute values. */
export function escapeHtml(text: string): string {
  return sanitise(text).replace(/[&<>"'`]/gu, (character) => ENTITIES[character] ?? '');
}

function toHtml(content: Content): string {
  if (content === null) return '';
  if (content instanceof Markup) return content.toString();
  if (typeof content === 'string' || typeof content === 'number') return escapeHtml(String(content));
  return content.map(toHtml).join('');
}

/** Template tag: everything interpolated is escaped unless it was made by `html` itself. */
export function html(strings: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  return new Markup(strings.reduce((text, part, at) => text + toHtml(contents[at - 1] ?? null) + part));
}

export const NOTHING = html``;

/** An id that survives as a fragment: letters, digits, dot, dash and underscore stay, the rest becomes its code point. */
export function anchor(prefix: string, name: string): string {
  return `${prefix}-${sanitise(name).replace(/[^\w.-]/gu, (character) => `_${character.codePointAt(0)?.toString(16) ?? ''}`)}`;
}
