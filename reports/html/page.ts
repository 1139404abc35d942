import { createHash } from 'node:crypto';
import type { RunRecord } from '../../harness/model/record.ts';
import { formatSubject, VERDICT_WORDS } from '../format.ts';
import { byteLength, excerpt } from '../text.ts';
import { timeline } from './charts/timeline.ts';
import { html, Markup } from './markup.ts';
import { LIMITS, type Limits, type Section } from './section.ts';
import { banner } from './sections/banner.ts';
import { claims } from './sections/claims.ts';
import { environment } from './sections/environment.ts';
import { footprint } from './sections/footprint.ts';
import { issues } from './sections/issues.ts';
import { loads } from './sections/loads.ts';
import { matrix } from './sections/matrix.ts';
import { colophon, overhead, plan, score } from './sections/outcome.ts';
import { logs, services } from './sections/services.ts';
import { suites } from './sections/suites.ts';
import { STYLE } from './style.ts';

export const HTML_MAX_BYTES = 2 * 1024 * 1024;

/** The page from top to bottom; a new part is one file and one row. */
const SECTIONS: readonly Section[] = [
  { id: 'matrix', title: 'Go/no-go matrix', render: matrix },
  { id: 'claims', title: 'Claims', render: claims },
  { id: 'suites', title: 'Suites', render: suites },
  { id: 'loads', title: 'Load and generator', render: loads },
  { id: 'timeline', title: 'Timeline', render: timeline },
  { id: 'services', title: 'Services', render: services },
  { id: 'logs', title: 'Service logs', render: logs, className: 'logs' },
  { id: 'footprint', title: 'Left behind', render: footprint },
  { id: 'environment', title: 'Environment', render: environment },
  { id: 'issues', title: 'Issues', render: issues },
  { id: 'score', title: 'Readiness interval', render: score },
  { id: 'plan', title: 'What to do next', render: plan },
  { id: 'overhead', title: 'Where the time went', render: overhead },
  { id: 'colophon', title: 'How to repeat this', render: colophon },
];

/** Nothing is loaded, run or sent; only this page's own style sheet is let in. Made by hand: the digest must match the bytes. */
const POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'`;
const STYLE_ELEMENT = new Markup(`<style>${STYLE}</style>`);

/** `index.html`: one file, no scripts, readable where styles are blocked, at most 2 MiB. */
export function renderHtml(record: RunRecord): string {
  let text = '';
  for (const limits of LIMITS) {
    text = page(record, limits);
    if (byteLength(text) <= HTML_MAX_BYTES) break;
  }
  return text;
}

function page(record: RunRecord, limits: Limits): string {
  const name = excerpt(record.target.name, 120);
  const parts = SECTIONS.flatMap((section) => {
    const content = section.render(record, limits);
    return content === null ? [] : [{ ...section, content }];
  });
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Markup(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${VERDICT_WORDS[record.verdict]}: ${name}, ${formatSubject(record.subject)}</title>
${STYLE_ELEMENT}
</head>
<body>
<a class="skip" href="#matrix">Skip to the matrix</a>
${banner(record, limits)}
<nav class="contents" aria-label="Contents"><ul>${parts.map(
    ({ id, title }) => html`<li><a href="#${id}">${title}</a></li>
`,
  )}</ul></nav>
<main>
${parts.map(
  ({ id, title, content, className = '' }) => html`<section class="${className}" aria-labelledby="${id}">
<h2 id="${id}">${title}</h2>
${content}
</section>
`,
)}</main>
<footer>${limits === LIMITS[0] ? null : html`<p>Shortened to keep the page under 2 MiB; everything is in report.json.</p>`}<p>Muster ${excerpt(record.run.musterVersion, 40)}, run <code>${excerpt(record.run.id, 120)}</code></p></footer>
</body>
</html>
`.toString();
}
