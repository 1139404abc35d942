import { html, type Content, type Markup } from './markup.ts';

export interface Column {
  readonly heading: string;
  readonly numeric?: boolean;
}

export interface TableParts {
  readonly caption: Content;
  readonly columns: readonly Column[];
  /** The first cell of a row is its heading. */
  readonly rows: readonly (readonly Content[])[];
  /** Names the scroll region for those who cannot see it. */
  readonly label: string;
  readonly className?: string;
  /** Fragment ids of the rows, by index. */
  readonly rowIds?: readonly string[];
}

/**
 * A table with caption and scopes in a focusable scroll region. `border` and `cellpadding` are for pages whose styles
 * are blocked; the style sheet overrides them.
 */
export function table({ caption, columns, rows, label, className = '', rowIds = [] }: TableParts): Markup {
  const head = columns.map((column) => html`<th scope="col"${numericClass(column)}>${column.heading}</th>`);
  const body = rows.map((row, at) => {
    const id = rowIds[at];
    return html`<tr${id === undefined ? null : html` id="${id}"`}>${row.map((content, index) => cell(content, columns[index], index))}</tr>
`;
  });
  return html`<div class="scroll" role="region" tabindex="0" aria-label="${label}"><table class="${className}" border="1" cellpadding="4" cellspacing="0">
<caption align="left">${caption}</caption>
<thead><tr>${head}</tr></thead>
<tbody>
${body}</tbody></table></div>`;
}

function cell(content: Content, column: Column | undefined, index: number): Markup {
  if (index === 0) return html`<th scope="row" align="left">${content}</th>`;
  return html`<td${numericClass(column)} data-label="${column?.heading ?? ''}">${content}</td>`;
}

function numericClass(column: Column | undefined): Markup | null {
  return column?.numeric === true ? html` class="num"` : null;
}
