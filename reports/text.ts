/** Text of the target ends up in terminals, XML, Markdown and HTML: everything that could steer one of them is taken out here. */

const ESC = String.fromCodePoint(0x1b);
const BEL = String.fromCodePoint(0x07);
/** CSI, OSC, other string sequences, two-character sequences; an unfinished string sequence goes to the end of the line. */
const ESCAPE_SEQUENCE = new RegExp(
  String.raw`${ESC}(?:\[[0-?]*[ -/]*[@-~]|\][^${BEL}${ESC}\n]*(?:${BEL}|${ESC}\\)?|[PX^_][^${ESC}\n]*(?:${ESC}\\)?|[@-Z\\-_])`,
  'gu',
);
const CONTROL = /(?![\t\n])\p{Cc}/gu;
const LINE_ENDS = /\r\n?|\u2028|\u2029/gu;
/** Bidirectional overrides and isolates, zero-width characters, byte order mark, tags, non-characters, halves of surrogate pairs. */
const INVISIBLE = /[\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff\u{e0000}-\u{e007f}]|\p{Surrogate}/gu;

/** Removes terminal sequences, control, bidirectional and invisible characters; keeps tabs and line feeds. */
export function sanitise(text: string): string {
  return text.replace(LINE_ENDS, '\n').replace(ESCAPE_SEQUENCE, '').replace(CONTROL, '').replace(INVISIBLE, '');
}

/** Sanitised and on one line. */
export function oneLine(text: string): string {
  return sanitise(text).replace(/\s+/gu, ' ').trim();
}

/** At most `max` characters, the last one an ellipsis when something was cut off. */
export function clip(text: string, max: number): string {
  if (text.length <= max) return text;
  const characters = Array.from(text);
  if (characters.length <= max) return text;
  return max < 1 ? '' : `${characters.slice(0, max - 1).join('')}…`;
}

/** `clip(oneLine(text), max)` without reading more of a long text than can be shown. */
export function excerpt(text: string, max: number): string {
  const head = oneLine(text.slice(0, max * 4 + 200));
  return clip(text.length > max * 4 + 200 ? `${head} …` : head, max);
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${groupDigits(count)} ${count === 1 ? one : many}`;
}

/** 12345.6 → `12,345.6`. */
export function groupDigits(value: number): string {
  const [whole = '', fraction] = String(value).split('.');
  if (whole.includes('e')) return String(value);
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/gu, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** UTF-8 length. */
export function byteLength(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}
