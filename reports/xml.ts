import { sanitise } from './text.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
  '\t': '&#9;',
};

/** Character data; `>` is escaped too, so that `]]>` cannot occur. */
function xmlText(text: string): string {
  return sanitise(text).replace(/[&<>]/gu, (character) => ENTITIES[character] ?? '');
}

/** Attribute value without its quotes; line feeds and tabs survive as references. */
function xmlAttribute(text: string): string {
  return sanitise(text).replace(/[&<>"\n\t]/gu, (character) => ENTITIES[character] ?? '');
}

export type XmlAttributes = Readonly<Record<string, string | number>>;

export interface XmlElement {
  readonly name: string;
  readonly attributes: XmlAttributes;
  readonly children: readonly (XmlElement | string)[];
}

export function element(name: string, attributes: XmlAttributes = {}, children: readonly (XmlElement | string)[] = []): XmlElement {
  return { name, attributes, children };
}

/** Serialises with two spaces per level; elements that hold text stay on one line, so no white space is added to it. */
export function serialise(node: XmlElement, level = 0): string {
  const indent = '  '.repeat(level);
  const attributes = Object.entries(node.attributes)
    .map(([name, value]) => ` ${name}="${xmlAttribute(String(value))}"`)
    .join('');
  if (node.children.length === 0) return `${indent}<${node.name}${attributes}/>\n`;
  const inner = node.children.map((child) => (typeof child === 'string' ? xmlText(child) : serialise(child, level + 1)));
  const holdsText = node.children.some((child) => typeof child === 'string');
  const body = holdsText ? inner.join('') : `\n${inner.join('')}${indent}`;
  return `${indent}<${node.name}${attributes}>${body}</${node.name}>\n`;
}
