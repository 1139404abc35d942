import { html, type Content, type Markup } from '../markup.ts';
import { light, type ColorRole } from '../palette.ts';
import { coordinate } from './scale.ts';

export const CHART_WIDTH = 920;

export interface FigureParts {
  /** Unique on the page. */
  readonly id: string;
  readonly title: string;
  readonly subtitle?: string;
  /** The numbers in words, for those who do not see the drawing. */
  readonly description: string;
  readonly height: number;
  readonly drawing: Content;
  readonly dataTable: Markup;
}

/** A drawing with title, description and its data as a table. */
export function figure({ id, title, subtitle, description, height, drawing, dataTable }: FigureParts): Markup {
  return html`<figure id="${id}">
<figcaption>${title}${subtitle === undefined ? null : html` <small>${subtitle}</small>`}</figcaption>
<div class="scroll" role="region" tabindex="0" aria-label="Chart: ${title}"><svg role="img" aria-labelledby="${id}-t ${id}-d" viewBox="0 0 ${CHART_WIDTH} ${height}" width="${CHART_WIDTH}" height="${height}" font-family="sans-serif" font-size="12"><title id="${id}-t">${title}</title><desc id="${id}-d">${description}</desc>
${drawing}</svg></div>
<details><summary>Data of this chart</summary>${dataTable}</details>
</figure>`;
}

export interface LabelParts {
  readonly x: number;
  readonly y: number;
  readonly role?: ColorRole;
  readonly align?: 'start' | 'middle' | 'end';
  readonly bold?: boolean;
}

/** Text takes the page's colour unless it has a role: it stays readable where styles are blocked. */
export function label(content: string, { x, y, role, align = 'start', bold = false }: LabelParts): Markup {
  const paint = role === undefined ? html` fill="currentColor"` : html` fill="${light(role)}" class="fill-${role}"`;
  return html`<text x="${coordinate(x)}" y="${coordinate(y)}" text-anchor="${align}"${paint}${bold ? html` font-weight="600"` : null}>${content}</text>`;
}

export interface LineParts {
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
  readonly role: ColorRole;
  readonly width?: number;
  readonly dash?: string;
}

export function line({ from, to, role, width = 1, dash }: LineParts): Markup {
  return html`<line x1="${coordinate(from[0])}" y1="${coordinate(from[1])}" x2="${coordinate(to[0])}" y2="${coordinate(to[1])}" stroke="${light(role)}" class="stroke-${role}" stroke-width="${width}"${dash === undefined ? null : html` stroke-dasharray="${dash}"`}/>`;
}

export interface BoxParts {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly role: ColorRole;
}

export function box({ x, y, width, height, role }: BoxParts): Markup {
  return html`<rect x="${coordinate(x)}" y="${coordinate(y)}" width="${coordinate(Math.max(1, width))}" height="${coordinate(height)}" fill="${light(role)}" class="fill-${role}"/>`;
}

/** A polyline; gaps between points are drawn through, because the samples are regular. */
export function polyline(points: readonly (readonly [number, number])[], role: ColorRole, dash: string | null): Markup {
  const path = points.map(([x, y], at) => `${at === 0 ? 'M' : 'L'}${coordinate(x)} ${coordinate(y)}`).join('');
  return html`<path d="${path}" fill="none" stroke="${light(role)}" class="stroke-${role}" stroke-width="1.6" stroke-linejoin="round"${dash === null ? null : html` stroke-dasharray="${dash}"`}/>`;
}
